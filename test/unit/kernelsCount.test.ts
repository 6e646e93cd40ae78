import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/engine/format/decode";
import { chooseKernels, type KernelChoice } from "../../src/engine/kernels/chooseKernels";
import type { RawChunk } from "../../src/engine/kernels/rawChunk";
import { RADIX, type RadixDigit } from "../../src/engine/merge/select";
import type { NonFinitePolicy } from "../../src/engine/kernels/rawChunk";
import { firstDifference } from "../fixtures/firstDifference";
import { chunkOf, kernelCase } from "../fixtures/kernelCase";

const simd = chooseKernels();
const plain = chooseKernels("plain");
const counts = [0, 1, 3, 7, 127, 128, 129, 511, 512, 513, 1300];

type Counted = ReturnType<typeof countWith>;

function expectSame(actual: Counted, expected: Counted): void {
  expect(actual.nonFinite).toEqual(expected.nonFinite);
  expect(firstDifference(actual.histogram, expected.histogram)).toBeNull();
}

/** Magnitude of some entry of τ_t, to look for. */
function someMagnitude({ base, models, count }: RawChunk, t: number, at: number): number {
  if (!base || count === 0) return 1;
  const [from, to] = [new Float32Array(count), new Float32Array(count)];
  decode(base.dtype, base.bytes, from, count);
  decode(models[t].dtype, models[t].bytes, to, count);
  return Math.abs(Math.fround(to[at % count] - from[at % count]));
}

const digitOf = (magnitude: number, level: number, wide: boolean): RadixDigit => ({
  level,
  prefix: level === 0 ? [] : [new Uint32Array(new Float32Array([magnitude]).buffer)[0] >>> 15],
  wide,
});

function countWith(
  choice: KernelChoice,
  own: boolean,
  chunk: RawChunk,
  t: number,
  digit: RadixDigit,
  policy: NonFinitePolicy,
) {
  const kernels = choice.kernelsFor(chunk.models.length);
  const histogram = own ? kernels.emptyHistogram(t) : new Uint32Array(RADIX);
  // What was counted before stays.
  histogram[0] += 5;
  histogram[77] += 1;
  const nonFinite = kernels.countMagnitudes(chunk, t, digit, policy, histogram);
  // A refused chunk ends the run: its counts are nobody's.
  return { nonFinite, histogram: nonFinite ? [] : histogram.slice() };
}

describe("counting by SIMD and by the plain twin", () => {
  it("gives the same histograms and refusals", () => {
    fc.assert(
      fc.property(
        kernelCase(counts),
        fc.nat(),
        fc.constantFrom(0, 1),
        fc.boolean(),
        fc.constantFrom<NonFinitePolicy>("error", "keep-base"),
        (test, at, level, own, policy) => {
          const chunk = chunkOf(test);
          const t = at % chunk.models.length;
          const digit = digitOf(someMagnitude(chunk, t, at), level, false);
          const expected = countWith(plain, own, chunk, t, digit, policy);
          expectSame(countWith(simd, own, chunk, t, digit, policy), expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("gives the same histogram of float64 digits", () => {
    fc.assert(
      fc.property(kernelCase(counts), (test) => {
        const chunk = chunkOf(test);
        const digit = digitOf(1, 0, true);
        const expected = countWith(plain, false, chunk, 0, digit, "keep-base");
        expectSame(countWith(simd, false, chunk, 0, digit, "keep-base"), expected);
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

  it("empties a histogram that it gives again", () => {
    for (const choice of [simd, plain]) {
      const kernels = choice.kernelsFor(2);
      kernels.emptyHistogram(0).fill(3);
      kernels.emptyHistogram(1).fill(4);
      expect(kernels.emptyHistogram(0).some((entries) => entries !== 0)).toBe(false);
      expect(kernels.emptyHistogram(1).length).toBe(RADIX);
    }
  });
});
