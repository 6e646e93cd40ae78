/** The 8-bit floats, held against what PyTorch makes of them (test/fixtures/torch/f8.py). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/engine/format/decode";
import { encode } from "../../../src/engine/format/encode";

const torch = JSON.parse(readFileSync("test/fixtures/torch/f8.json", "utf8")) as Record<
  "F8_E4M3" | "F8_E5M2",
  { decoded: string; values: string; patterns: string }
>;
const LARGEST = { F8_E4M3: 448, F8_E5M2: 57_344 };
const every = Uint8Array.from({ length: 256 }, (_, pattern) => pattern);

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const floatsOf = (base64: string): Float32Array => new Float32Array(bytesOf(base64).buffer);

function encoded(dtype: "F8_E4M3" | "F8_E5M2", values: Float32Array | Float64Array): number[] {
  const out = new Uint8Array(values.length);
  encode(dtype, values, out, values.length);
  return [...out];
}

describe.each(["F8_E4M3", "F8_E5M2"] as const)("%s", (dtype) => {
  it("has PyTorch's value for every pattern, in both widths", () => {
    const expected = [...floatsOf(torch[dtype].decoded)];
    const singles = new Float32Array(256);
    const doubles = new Float64Array(256);
    decode(dtype, every, singles, 256);
    decode(dtype, every, doubles, 256);
    expect([...singles]).toEqual(expected);
    expect([...doubles]).toEqual(expected);
  });

  it("rounds to nearest even as PyTorch does, from both widths", () => {
    const values = floatsOf(torch[dtype].values);
    const patterns = [...bytesOf(torch[dtype].patterns)];
    expect(patterns.length).toBeGreaterThan(1000);
    expect(encoded(dtype, values)).toEqual(patterns);
    expect(encoded(dtype, Float64Array.from(values))).toEqual(patterns);
  });

  it("gives back every pattern; NaN stays NaN with its sign", () => {
    for (const Floats of [Float32Array, Float64Array]) {
      const values = new Floats(256);
      decode(dtype, every, values, 256);
      const back = encoded(dtype, values);
      for (const pattern of every) {
        if (Number.isNaN(values[pattern])) expect(back[pattern] & 0x7f).toBe(0x7f);
        else if (Number.isFinite(values[pattern])) expect(back[pattern]).toBe(pattern);
      }
    }
  });

  it("saturates: what is too large, Inf included, becomes the largest finite value", () => {
    const large = [LARGEST[dtype] * 1.04, LARGEST[dtype] * 1.2, LARGEST[dtype] * 2, 1e30, 3.4e38, Infinity];
    const [positive] = encoded(dtype, Float32Array.of(LARGEST[dtype]));
    const all = [...large, ...large.map((value) => -value)];
    const expected = [...large.map(() => positive), ...large.map(() => positive | 0x80)];
    expect(encoded(dtype, Float32Array.from(all))).toEqual(expected);
    expect(encoded(dtype, Float64Array.from([...all, 1e300, -1e300]))).toEqual([
      ...expected,
      positive,
      positive | 0x80,
    ]);
  });

  it("does not round a float64 twice", () => {
    const [one, next] = [1, 1 + 2 ** (dtype === "F8_E4M3" ? -3 : -2)];
    const [below, above] = encoded(dtype, Float64Array.of(one, next));
    const middle = (one + next) / 2;
    expect(encoded(dtype, Float64Array.of(middle, middle + 2 ** -50))).toEqual([below, above]);
  });

  it("keeps the sign of zero and of what underflows", () => {
    expect(encoded(dtype, Float64Array.of(0, -0, 1e-300, -1e-300))).toEqual([0, 0x80, 0, 0x80]);
  });
});
