/** Every finite value of the two half types through the SIMD kernels, and every place where rounding to them turns. */
import { expect, it } from "vitest";
import { encode } from "../../src/engine/format/encode";
import { f8Values } from "../../src/engine/format/f8Table";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import type { MergeParameters } from "../../src/engine/kernels/kernels";
import { CHUNK_ELEMENTS } from "../../src/engine/kernels/rawChunk";
import { PRESETS, type FloatDtype } from "../../src/protocol/mergeSet";
import { BF16, F16, halfValue, roundToHalf } from "../fixtures/halfOracle";

const kernels = chooseKernels().kernelsFor(1);
const parameters: MergeParameters = {
  method: "linear",
  lambda: 1,
  weights: [1],
  rules: PRESETS.reference,
  normalize: false,
  nonFinite: "error",
};

/** The average of one model: only decoded and encoded. −0 becomes 0, as in every sum. Where it overflows, or −1. */
function convert(from: FloatDtype, bytes: Uint8Array, to: FloatDtype, out: Uint8Array, count: number): number {
  const chunk = { count, start: 0, base: null, models: [{ dtype: from, bytes }], wide: false };
  const { nonFinite, overflow } = kernels.merge(chunk, parameters, null, { dtype: to, bytes: out }, null);
  expect(nonFinite).toBeNull();
  return overflow;
}

for (const [dtype, format] of [
  ["BF16", BF16],
  ["F16", F16],
] as const) {
  const isFiniteHalf = (pattern: number): boolean => Number.isFinite(halfValue(format, pattern));
  const patterns = Uint16Array.from({ length: 1 << 16 }, (_, pattern) => pattern).filter(isFiniteHalf);

  it(`decodes every finite ${dtype}`, () => {
    const values = new Float32Array(patterns.length);
    const bytes = new Uint8Array(values.buffer);
    expect(convert(dtype, new Uint8Array(patterns.buffer), "F32", bytes, patterns.length)).toBe(-1);
    const wrong = patterns.filter((pattern, i) => !Object.is(values[i], halfValue(format, pattern) + 0));
    expect(wrong).toEqual(new Uint16Array());
  });

  it(`rounds to ${dtype} as the nearest, to even, at and beside every midpoint`, () => {
    const values = new Float32Array([...patterns].flatMap((pattern) => aroundMidpoint(format, pattern)));
    const rounded = new Uint16Array(values.length);
    for (let start = 0; start < values.length; start += CHUNK_ELEMENTS) {
      const part = values.slice(start, start + CHUNK_ELEMENTS);
      const out = new Uint8Array(rounded.buffer, 2 * start, 2 * part.length);
      expect(convert("F32", new Uint8Array(part.buffer), dtype, out, part.length)).toBe(-1);
    }
    // The definition is slow: an eleventh of all, another pattern and place each time.
    for (let i = 0; i < values.length; i += 11) {
      if (rounded[i] !== roundToHalf(format, values[i] + 0)) expect([values[i], rounded[i]]).toBe("rounded to nearest");
    }
  });
}

for (const [dtype, limit] of [
  ["BF16", 0x7f7f_8000],
  ["F16", 0x477f_f000],
] as const) {
  it(`finds the first value that ${dtype} cannot hold`, () => {
    // The largest float32 that rounds down, and the next, of both signs.
    const values = new Uint32Array([limit - 1, 0x8000_0000 + limit - 1, limit, 0x8000_0000 + limit]);
    const bytes = new Uint8Array(values.buffer);
    const out = new Uint8Array(8);
    expect(convert("F32", bytes.slice(0, 8), dtype, out, 2)).toBe(-1);
    expect(convert("F32", bytes.slice(0, 12), dtype, out, 3)).toBe(2);
    expect(convert("F32", bytes.slice(12), dtype, out, 1)).toBe(0);
  });
}

for (const dtype of ["F8_E4M3", "F8_E5M2"] as const) {
  const values = f8Values(dtype);
  const patterns = Uint8Array.from({ length: 256 }, (_, pattern) => pattern).filter((pattern) =>
    Number.isFinite(values[pattern]),
  );

  it(`decodes every finite ${dtype}`, () => {
    const decoded = new Float32Array(patterns.length);
    expect(convert(dtype, patterns, "F32", new Uint8Array(decoded.buffer), patterns.length)).toBe(-1);
    expect(patterns.filter((pattern, i) => !Object.is(decoded[i], values[pattern] + 0))).toEqual(new Uint8Array());
  });

  it(`rounds to ${dtype} as its table says, at and beside every midpoint, and to the largest beyond`, () => {
    const finite = [...patterns].map((pattern) => values[pattern]).sort((a, b) => a - b);
    const middles = finite.slice(1).map((value, i) => (value + finite[i]) / 2);
    const bits = new Int32Array(Float32Array.from([...finite, ...middles, 1e6, -3e38]).buffer);
    const around = Float32Array.from(
      [...bits].flatMap((pattern) => [pattern - 1, pattern, pattern + 1]).map(floatOf),
    ).filter(Number.isFinite);
    expect(around.length).toBeGreaterThan(1000);
    const [fast, slow] = [new Uint8Array(around.length), new Uint8Array(around.length)];
    expect(convert("F32", new Uint8Array(around.buffer), dtype, fast, around.length)).toBe(-1);
    encode(
      dtype,
      around.map((value) => value + 0),
      slow,
      around.length,
    );
    expect(fast).toEqual(slow);
  });
}

const floatOf = (bits: number): number => new Float32Array(Int32Array.of(bits).buffer)[0];

/** The float32 halfway to the next larger magnitude, and its two neighbours, where they do not overflow. */
function aroundMidpoint(format: typeof BF16, pattern: number): number[] {
  const next = halfValue(format, pattern + 1);
  if (!Number.isFinite(next)) return [];
  const middle = (halfValue(format, pattern) + next) / 2;
  const bits = new Int32Array(new Float32Array([middle]).buffer)[0];
  return [...new Float32Array(new Int32Array([bits - 1, bits, bits + 1]).buffer)].filter(
    (value) => !Number.isNaN(value),
  );
}
