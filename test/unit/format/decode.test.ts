import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/engine/format/decode";
import { BF16, F16, halfValue } from "../../fixtures/halfOracle";

const patterns = Uint16Array.from({ length: 65_536 }, (_, i) => i);
const patternBytes = new Uint8Array(patterns.buffer);

describe("decode", () => {
  for (const [dtype, format] of [["F16", F16] as const, ["BF16", BF16] as const]) {
    it(`gives every ${dtype} pattern the value that IEEE 754 says, in both widths`, () => {
      const singles = new Float32Array(65_536);
      const doubles = new Float64Array(65_536);
      decode(dtype, patternBytes, singles, 65_536);
      decode(dtype, patternBytes, doubles, 65_536);
      const wrong = [...patterns].filter((pattern) => {
        const value = halfValue(format, pattern);
        return !Object.is(singles[pattern], value) || !Object.is(doubles[pattern], value);
      });
      expect(wrong).toEqual([]);
    });
  }

  it("keeps F32 and F64 bits, the payload of NaN included", () => {
    const bits32 = Uint32Array.of(0x7fa0_1234, 0x8000_0000, 1, 0xff80_0000);
    const out32 = new Float32Array(4);
    decode("F32", new Uint8Array(bits32.buffer), out32, 4);
    expect(new Uint32Array(out32.buffer)).toEqual(bits32);
    const bits64 = BigUint64Array.of(0x7ff4_0000_0000_1234n, 0x8000_0000_0000_0000n, 1n);
    const out64 = new Float64Array(3);
    decode("F64", new Uint8Array(bits64.buffer), out64, 3);
    expect(new BigUint64Array(out64.buffer)).toEqual(bits64);
  });

  it("rounds F64 into a Float32Array to nearest even", () => {
    const values = Float64Array.of(1 + 2 ** -24, 1 + 3 * 2 ** -24, 1e300, -1e-300, 0.1);
    const out = new Float32Array(5);
    decode("F64", new Uint8Array(values.buffer), out, 5);
    expect([...out]).toEqual([1, 1 + 2 ** -22, Infinity, -0, Math.fround(0.1)]);
  });

  it("reads bytes that begin anywhere, writes into any part of a buffer, and no further than count", () => {
    const sizes = { F64: 8, F32: 4, F16: 2, BF16: 2 } as const;
    const dtypes = fc.constantFrom("F64", "F32", "F16", "BF16");
    fc.assert(
      fc.property(dtypes, fc.nat(9), fc.nat(5), fc.nat(40), fc.boolean(), (dtype, shift, start, count, wide) => {
        const whole = Uint8Array.from({ length: shift + count * sizes[dtype] + 16 }, (_, i) => (i * 37 + 11) & 0x3f);
        const bytes = whole.subarray(shift);
        const Floats = wide ? Float64Array : Float32Array;
        const straight = new Floats(count);
        decode(dtype, bytes.slice(), straight, count);
        const target = new Floats(start + count + 1).fill(7);
        decode(dtype, bytes, target.subarray(start, start + count), count);
        expect([...target]).toEqual([...Array<number>(start).fill(7), ...straight, 7]);
      }),
    );
  });
});
