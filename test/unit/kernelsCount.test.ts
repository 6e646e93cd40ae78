import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/engine/format/decode";
import { chooseKernels, type KernelChoice } from "../../src/engine/kernels/chooseKernels";
import type { RawChunk } from "../../src/engine/kernels/rawChunk";
import {
  countsLength,
  listOf,
  wholeWindow,
  wideWindow,
  windowBetween,
  type MagnitudeWindow,
} from "../../src/engine/merge/magnitudeWindow";
import type { NonFinitePolicy } from "../../src/engine/kernels/rawChunk";
import { firstDifference } from "../fixtures/firstDifference";
import { chunkOf, kernelCase } from "../fixtures/kernelCase";

const simd = chooseKernels();
const plain = chooseKernels("plain");
const counts = [0, 1, 3, 7, 127, 128, 129, 511, 512, 513, 1300];

type Counted = ReturnType<typeof countWith>;

function expectSame(actual: Counted, expected: Counted): void {
  expect(actual.nonFinite).toEqual(expected.nonFinite);
  expect(actual.counts.length).toBe(expected.counts.length);
  actual.counts.forEach((own, t) => expect(firstDifference(own ?? [], expected.counts[t] ?? [])).toBeNull());
}

/** Magnitude of some entry of τ_t, to look for. */
function someMagnitude({ base, models, count }: RawChunk, t: number, at: number): number {
  if (!base || count === 0) return 1;
  const [from, to] = [new Float32Array(count), new Float32Array(count)];
  decode(base.dtype, base.bytes, from, count);
  decode(models[t].dtype, models[t].bytes, to, count);
  return Math.abs(Math.fround(to[at % count] - from[at % count]));
}

const bitsOf = (magnitude: number): number => new Uint32Array(new Float32Array([magnitude]).buffer)[0];

/** Windows of all widths: whole ones, coarse and fine ones around some entry, ones that begin at 0. */
function windowFor(chunk: RawChunk, t: number, at: number): MagnitudeWindow | null {
  const bits = bitsOf(someMagnitude(chunk, t, at)) & 0x7fffffff;
  const around = (width: number, most: number): MagnitudeWindow =>
    windowBetween(Math.max(0, bits - Math.floor(width / 3)), Math.min(2 ** 31, bits + width), most);
  return [
    null,
    wholeWindow(15),
    wholeWindow(20),
    around(1, 1),
    around(1000, 2000),
    around(2 ** 25, 2 ** 13),
    windowBetween(0, bits + 1, 2 ** 13),
    { ...listOf(windowBetween(0, bits + 1)), buckets: 3000 },
    { ...listOf(windowBetween(Math.max(0, bits - 2 ** 22), Math.min(2 ** 31, bits + 2 ** 24))), buckets: 3000 },
    { ...listOf(windowBetween(Math.max(0, bits - 2 ** 24), Math.min(2 ** 31, bits + 2 ** 24))), buckets: 40 },
    windowBetween(bits, 2 ** 31, 7),
  ][at % 11];
}

const wideWindows = [wideWindow([]), wideWindow([0x3ff0 << 1])];

function countWith(
  choice: KernelChoice,
  own: boolean,
  chunk: RawChunk,
  windows: (MagnitudeWindow | null)[],
  policy: NonFinitePolicy,
) {
  const kernels = choice.kernelsFor(chunk.models.length);
  const counts = windows.map(
    (window, t) => window && (own ? kernels.emptyCounts(t, window) : new Uint32Array(countsLength(window))),
  );
  // What was counted before stays.
  counts.forEach((own, t) => own && (own[windows[t]?.buckets ?? 0] += 5));
  const nonFinite = kernels.countMagnitudes(chunk, windows, policy, counts);
  // A refused chunk ends the run: its counts are nobody's.
  return { nonFinite, counts: nonFinite ? [] : counts.map((own, t) => own && meaningful(own, windows[t])) };
}

/** Behind what is listed stands anything. */
function meaningful(counts: Uint32Array, window: MagnitudeWindow | null): number[] {
  if (window?.kind !== "list") return [...counts];
  const { buckets } = window;
  return [...counts.slice(0, Math.min(buckets, counts[buckets + 1])), ...counts.slice(buckets)];
}

describe("counting by SIMD and by the plain twin", () => {
  it("gives the same counts and refusals", () => {
    fc.assert(
      fc.property(
        kernelCase(counts),
        fc.array(fc.nat(), { minLength: 16, maxLength: 16 }),
        fc.boolean(),
        fc.constantFrom<NonFinitePolicy>("error", "keep-base"),
        (test, at, own, policy) => {
          const chunk = chunkOf(test);
          const windows = chunk.models.map((_, t) => windowFor(chunk, t, at[t]));
          const expected = countWith(plain, own, chunk, windows, policy);
          expectSame(countWith(simd, own, chunk, windows, policy), expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("gives the same counts of float64 digits", () => {
    fc.assert(
      fc.property(kernelCase(counts), fc.constantFrom(...wideWindows), (test, window) => {
        const chunk = chunkOf(test);
        const windows = chunk.models.map((_, t) => (t === 0 ? window : null));
        const expected = countWith(plain, false, chunk, windows, "keep-base");
        expectSame(countWith(simd, false, chunk, windows, "keep-base"), expected);
      }),
      { numRuns: 20 },
    );
  });

  it("finds as many entries of one magnitude, and the place behind the last that stays", () => {
    fc.assert(
      fc.property(kernelCase(counts), fc.nat(), (test, at) => {
        const chunk = chunkOf(test);
        const t = at % chunk.models.length;
        const [fast, slow] = [simd, plain].map((choice) => choice.kernelsFor(chunk.models.length));
        for (const threshold of [someMagnitude(chunk, t, at), 0.1, 2 ** -149, 0]) {
          const equal = slow.countEqual(chunk, t, threshold);
          expect(fast.countEqual(chunk, t, threshold)).toBe(equal);
          const keep = 1 + (at % (equal + 1));
          expect(fast.endOfEqual(chunk, t, threshold, keep)).toBe(slow.endOfEqual(chunk, t, threshold, keep));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("empties counts that it gives again", () => {
    for (const choice of [simd, plain]) {
      const kernels = choice.kernelsFor(2);
      kernels.emptyCounts(0, wholeWindow(15)).fill(3);
      kernels.emptyCounts(1, wholeWindow(15)).fill(4);
      expect(kernels.emptyCounts(0, wholeWindow(15)).some((entries) => entries !== 0)).toBe(false);
      expect(kernels.emptyCounts(1, wholeWindow(15)).length).toBe(65_537);
    }
  });
});

describe("the value of a rank in a list, by SIMD and by the plain twin", () => {
  it("is the same", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 300 }),
        fc.nat(),
        (from, width, numbers, at) => {
          const window = { ...listOf(windowBetween(from, from + 2 ** width)), buckets: 400 };
          const rank = 1 + (at % numbers.length);
          const results = [simd, plain].map((choice) => {
            const kernels = choice.kernelsFor(1);
            const counts = kernels.emptyCounts(0, window);
            counts.set(numbers.map((number) => from + (number % 2 ** width)));
            return kernels.largest(counts, numbers.length, rank, window);
          });
          const sorted = numbers.map((number) => from + (number % 2 ** width)).sort((a, b) => b - a);
          const value = sorted[rank - 1];
          const equal = sorted.filter((other) => other === value).length;
          const expected = { value, larger: sorted.indexOf(value), equal };
          expect(results).toEqual([expected, expected]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
