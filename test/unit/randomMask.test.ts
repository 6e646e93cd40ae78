/** The masks of DARE are random enough, and nothing but seed, model, tensor and index decides on an entry. */
import { describe, expect, it } from "vitest";
import { dropAndRescale, randomMasks, type RandomMask } from "../../src/engine/merge/randomMask";

const COUNT = 200_000;

/** Which entries are kept, from `start` on. */
function keptBy(mask: RandomMask, start = 0, count = COUNT): boolean[] {
  const out = new Float32Array(count);
  dropAndRescale(new Float32Array(count).fill(1), count, mask, start, out);
  return Array.from(out, (value) => value !== 0);
}
const maskOf = (seed: number, name: string, density: number, model = 0): RandomMask =>
  randomMasks(seed, name, Array<number>(model + 1).fill(density))[model]!;
const share = (kept: readonly boolean[]): number => kept.filter(Boolean).length / kept.length;
/** Five standard deviations of a share of `COUNT` draws. */
const within = (density: number): number => 5 * Math.sqrt((density * (1 - density)) / COUNT);

describe("a random mask", () => {
  it.each([0.01, 0.2, 0.5, 0.9])("keeps the share %d, in every residue class too", (density) => {
    const kept = keptBy(maskOf(1, "w", density));
    expect(Math.abs(share(kept) - density)).toBeLessThan(within(density));
    for (const step of [2, 3, 64, 1000]) {
      const some = kept.filter((_, i) => i % step === 1);
      expect(Math.abs(share(some) - density)).toBeLessThan(within(density) * Math.sqrt(step));
    }
  });

  it("keeps all of density 1 and nothing of density 0", () => {
    expect(share(keptBy(maskOf(1, "w", 1)))).toBe(1);
    expect(share(keptBy(maskOf(1, "w", 0)))).toBe(0);
  });

  it("is independent of its neighbour, of other models, tensors and seeds", () => {
    const kept = keptBy(maskOf(1, "w", 0.5));
    const others = [
      keptBy(maskOf(1, "w", 0.5), 1),
      keptBy(maskOf(1, "w", 0.5), 2 ** 32),
      keptBy(maskOf(1, "w", 0.5, 1)),
      keptBy(maskOf(2, "w", 0.5)),
      keptBy(maskOf(1, "v", 0.5)),
      keptBy(maskOf(1, "w2", 0.5)),
    ];
    for (const other of others) {
      expect(Math.abs(share(kept.map((value, i) => value === other[i])) - 0.5)).toBeLessThan(within(0.5));
    }
  });

  it("is the same for any range of the tensor", () => {
    const kept = keptBy(maskOf(7, "w", 0.3));
    for (const start of [1, 65_536, 100_003]) {
      expect(keptBy(maskOf(7, "w", 0.3), start, 1000)).toEqual(kept.slice(start, start + 1000));
    }
  });

  it("divides what it keeps by the density, and keeps no 0", () => {
    const out = new Float32Array(3);
    dropAndRescale(Float32Array.from([3, 0, -1]), 3, maskOf(0, "w", 1), 0, out);
    expect([...out]).toEqual([3, 0, -1]);
    const values = Float32Array.from({ length: 1000 }, (_, i) => i - 500);
    const dropped = new Float32Array(1000);
    dropAndRescale(values, 1000, maskOf(0, "w", 0.3), 0, dropped);
    dropped.forEach((value, i) => {
      if (value !== 0) expect(value).toBe(Math.fround(values[i]! / Math.fround(0.3)));
    });
  });

  it("stays what it was: a merge of today can be made again", () => {
    const bits = keptBy(maskOf(42, "model.layers.0.mlp.weight", 0.5, 1), 0, 32)
      .map(Number)
      .join("");
    expect(bits).toMatchInlineSnapshot(`"11001101010100010111111011001111"`);
  });
});
