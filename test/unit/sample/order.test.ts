/** The threshold of a sample is that of all its entries sorted, each counted as often as it stands for. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { SampleOrder } from "../../../src/engine/sample/sampleOrder";
import { ruleOfTensor, sampledRule } from "../../../src/engine/sample/sampleThreshold";
import { seeded } from "../../../src/engine/sample/seeded";

interface Entry {
  magnitude: number;
  tensor: number;
  place: number;
}

/** Tensors of these sizes, all of whose entries are held; few different magnitudes where `distinct` is small. */
function heldWhole(
  sizes: readonly number[],
  distinct: number,
  seed: number,
  isAskedOften = false,
): { order: SampleOrder; entries: Entry[] } {
  const random = seeded(seed);
  const entries = sizes.flatMap((size, tensor) =>
    Array.from({ length: size }, (_, place): Entry => {
      const step = Math.floor(random() * distinct) / distinct;
      return { magnitude: Math.fround(step ** 5), tensor, place };
    }),
  );
  const magnitudes = Float32Array.from(entries, ({ magnitude }) => magnitude);
  const offsets = new Uint32Array(sizes.length + 1);
  sizes.forEach((size, at) => (offsets[at + 1] = offsets[at]! + size));
  const weights = new Float64Array(sizes.length).fill(1);
  const order = new SampleOrder(new Uint32Array(magnitudes.buffer), offsets, weights, isAskedOften);
  return { order, entries };
}

const sizes = fc.array(fc.constantFrom(0, 1, 7, 900, 3000), { minLength: 1, maxLength: 4 });

it("of equal magnitudes those that come first stay, until there are as many as wanted", () => {
  const any = fc.record({
    sizes,
    distinct: fc.constantFrom(1, 3, 50, 1e6),
    density: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
    isAskedOften: fc.boolean(),
  });
  fc.assert(
    fc.property(any, ({ sizes: own, distinct, density, seed, isAskedOften }) => {
      const { order, entries } = heldWhole(own, distinct, seed, isAskedOften);
      fc.pre(entries.length > 0);
      const rule = sampledRule(order, entries.length, density, "exact");
      const kept = entries.filter(({ magnitude, tensor, place }) => {
        const { threshold, tieEnd } = ruleOfTensor(rule, tensor, 0);
        return magnitude > threshold || (magnitude === threshold && place < tieEnd);
      });
      const sorted = entries
        .map((entry, at) => ({ entry, at }))
        .sort((a, b) => b.entry.magnitude - a.entry.magnitude || a.at - b.at);
      const wanted = sorted.slice(0, Math.floor(entries.length * density)).map(({ at }) => at);
      expect(kept.map((entry) => entries.indexOf(entry))).toEqual(wanted.sort((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});

it("with inclusive ties the threshold is the magnitude that no fewer than wanted exceed", () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(), (own, density, seed) => {
      const { order, entries } = heldWhole(own, 1e6, seed);
      fc.pre(entries.length > 0);
      const sorted = entries.map(({ magnitude }) => magnitude).sort((a, b) => b - a);
      const { threshold } = sampledRule(order, entries.length, density, "inclusive");
      expect(threshold).toBe(sorted[Math.floor(entries.length * density)]);
    }),
    { numRuns: 60 },
  );
});
