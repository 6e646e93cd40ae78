import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/engine/format/decode";
import { encode } from "../../../src/engine/format/encode";
import type { HalfFormat } from "../../fixtures/halfOracle";
import { BF16, F16, halfValue, roundToHalf } from "../../fixtures/halfOracle";

type Half = "F16" | "BF16";
const FORMATS: Record<Half, HalfFormat> = { F16, BF16 };
const HALVES: Half[] = ["F16", "BF16"];

function encodeHalf(dtype: Half, values: Float32Array | Float64Array): Uint16Array {
  const out = new Uint16Array(values.length);
  encode(dtype, values, new Uint8Array(out.buffer), values.length);
  return out;
}

const isNaNPattern = ({ fractionBits }: HalfFormat, pattern: number): boolean =>
  (pattern & 0x7fff) > (0x7fff & (-1 << fractionBits));
const isQuiet = ({ fractionBits }: HalfFormat, pattern: number): boolean => (pattern & (1 << (fractionBits - 1))) !== 0;

/** Float64 whose bits are drawn, not its value: every exponent as likely as any other. */
const doubleBits = fc.bigInt(0n, 2n ** 64n - 1n).map((bits) => new Float64Array(BigUint64Array.of(bits).buffer)[0]);
const singleBits = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map((bits) => new Float32Array(Uint32Array.of(bits).buffer)[0]);

/** A midpoint of two neighbours of the format, and its own neighbours in float64 and float32: where rounding errs. */
const nearMidpoints = (format: HalfFormat): fc.Arbitrary<number> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 0x7fff & ((-1 << format.fractionBits) - 1) }),
      fc.integer({ min: -2, max: 2 }),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([pattern, ulps, single, negative]) => {
      const middle = (halfValue(format, pattern) + halfValue(format, pattern + 1)) / 2;
      if (!Number.isFinite(middle)) return negative ? -65_520 : 65_520;
      const near = single
        ? new Float32Array(
            Int32Array.of(Math.max(0, new Int32Array(Float32Array.of(middle).buffer)[0] + ulps)).buffer,
          )[0]
        : new Float64Array(
            BigInt64Array.of(new BigInt64Array(Float64Array.of(middle).buffer)[0] + BigInt(ulps)).buffer,
          )[0];
      return negative ? -near : near;
    });

describe("encode", () => {
  for (const dtype of HALVES) {
    const format = FORMATS[dtype];

    it(`gives back every ${dtype} pattern, from both widths; NaN stays NaN, made quiet`, () => {
      const patterns = Uint16Array.from({ length: 65_536 }, (_, i) => i);
      for (const Floats of [Float32Array, Float64Array]) {
        const values = new Floats(65_536);
        decode(dtype, new Uint8Array(patterns.buffer), values, 65_536);
        const encoded = encodeHalf(dtype, values);
        const wrong = [...patterns].filter((pattern) =>
          isNaNPattern(format, pattern)
            ? !isNaNPattern(format, encoded[pattern]) || !isQuiet(format, encoded[pattern])
            : encoded[pattern] !== pattern,
        );
        expect(wrong).toEqual([]);
      }
    });

    it(`rounds any float64 to ${dtype} once, to nearest even`, () => {
      const check = (value: number): void => {
        const [got] = encodeHalf(dtype, Float64Array.of(value));
        if (Number.isNaN(value)) expect(isNaNPattern(format, got)).toBe(true);
        else expect(got).toBe(roundToHalf(format, value));
      };
      fc.assert(fc.property(nearMidpoints(format), check), { numRuns: 5000 });
      fc.assert(fc.property(fc.oneof(doubleBits, singleBits, fc.double({ min: -7e4, max: 7e4 })), check), {
        numRuns: 3000,
      });
    });

    it(`rounds any float32 to ${dtype} to nearest even`, () => {
      const check = (value: number): void => {
        const single = Math.fround(value);
        const [got] = encodeHalf(dtype, Float32Array.of(single));
        if (Number.isNaN(single)) expect(isNaNPattern(format, got)).toBe(true);
        else expect(got).toBe(roundToHalf(format, single));
      };
      fc.assert(fc.property(nearMidpoints(format), check), { numRuns: 5000 });
      fc.assert(fc.property(singleBits, check), { numRuns: 3000 });
    });
  }

  it("does not round twice: just above a midpoint by less than float32 can see", () => {
    // 1 + 2⁻¹¹ is the midpoint of 1 and its F16 neighbour; by way of float32 the excess is lost and the tie goes down.
    const justAbove = 1 + 2 ** -11 + 2 ** -50;
    expect(encodeHalf("F16", Float64Array.of(justAbove, 1 + 2 ** -11))).toEqual(Uint16Array.of(0x3c01, 0x3c00));
    expect(encodeHalf("BF16", Float64Array.of(1 + 2 ** -8 + 2 ** -50, 1 + 2 ** -8))).toEqual(
      Uint16Array.of(0x3f81, 0x3f80),
    );
  });

  it("keeps the sign of zero and of what underflows, and overflows to Inf where IEEE does", () => {
    const values = Float64Array.of(0, -0, 1e-300, -1e-300, 65_519.999, 65_520, -65_520, 1e300, Infinity, -Infinity);
    expect([...encodeHalf("F16", values)]).toEqual([
      0, 0x8000, 0, 0x8000, 0x7bff, 0x7c00, 0xfc00, 0x7c00, 0x7c00, 0xfc00,
    ]);
  });

  it("widens and keeps bits to F64, rounds once to F32", () => {
    const out = new Uint8Array(32);
    encode("F64", Float32Array.of(0.1, -0, NaN, Infinity), out, 4);
    expect([...new Float64Array(out.buffer)]).toEqual([Math.fround(0.1), -0, NaN, Infinity]);
    encode("F32", Float64Array.of(0.1, 1e300, -1e-300, NaN), out, 4);
    expect([...new Float32Array(out.buffer, 0, 4)]).toEqual([Math.fround(0.1), Infinity, -0, NaN]);
    const payload = Uint32Array.of(0x7fa0_1234);
    encode("F32", new Float32Array(payload.buffer), out, 1);
    expect(new Uint32Array(out.buffer, 0, 1)).toEqual(payload);
  });

  it("writes blocks of any length at any place, and nothing beyond count", () => {
    const dtypes = fc.constantFrom("F64", "F32", "F16", "BF16");
    fc.assert(
      fc.property(
        dtypes,
        fc.nat(5),
        fc.constantFrom(0, 1, 2047, 2048, 2049, 5000),
        fc.boolean(),
        (dtype, shift, count, wide) => {
          const Floats = wide ? Float64Array : Float32Array;
          const values = new Floats(count + 3).map((_, i) => i / 8 - 100);
          const size = { F64: 8, F32: 4, F16: 2, BF16: 2 }[dtype];
          const whole = new Uint8Array(shift + count * size + 4).fill(0xaa);
          encode(dtype, values, whole.subarray(shift), count);
          expect(whole.subarray(0, shift).every((byte) => byte === 0xaa)).toBe(true);
          expect(whole.subarray(shift + count * size).every((byte) => byte === 0xaa)).toBe(true);
          const expected = new Uint8Array(count * size);
          for (let i = 0; i < count; i++) encode(dtype, values.subarray(i, i + 1), expected.subarray(i * size), 1);
          expect(Buffer.compare(whole.subarray(shift, shift + count * size), expected)).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});
