/** Estimates of adapters, and of float64: what all of it is read gives what the exact statistics say. */
import { afterAll, expect, it } from "vitest";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { readFigures } from "../../src/protocol/sample";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { adapterSetOf } from "../fixtures/peftAdapters";

const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const cases: [string, () => MergeSet][] = [
  ["changes by TIES", () => adapterSetOf({ a: 1, b: 1, c: 1 }, { method: "ties", density: 0.4, rank: 8 })],
  ["factors by DARE", () => adapterSetOf({ a: 1, b: 1, c: 1 }, { method: "dare_ties", density: 0.4 })],
  ["factors by DELLA", () => adapterSetOf({ a: 1, b: 1, c: 1 }, { method: "della", density: 0.4 })],
  ["changes by DELLA", () => adapterSetOf({ a: 1, b: 1, c: 1 }, { method: "della", density: 0.4, rank: 8 })],
  ["changes by SCE", () => adapterSetOf({ a: 1, b: 1, c: 1 }, { method: "sce", selectTopk: 0.3, rank: 8 })],
  ["changes by SCE, two of them", () => adapterSetOf({ a: 1, c: 1 }, { method: "sce", selectTopk: 1, rank: 8 })],
];

it.each(cases)("of %s", async (_, make) => {
  const set = make();
  const { id } = await engine.openInspection({ set }, quietContext);
  const members = set.models.map((__, at) => at);
  const { figures, entries, elements } = await engine.sampledReport(
    { id, set, members, tensors: false, margins: true },
    quietContext,
  );
  expect(entries).toBe(elements);
  const all = readFigures(figures, 0, members.length);
  const { totals } = await engine.inspect({ set }, quietContext);
  // Float64 is ranked and selected in float32: one entry here or there.
  const near = (value: number, truth: number): void => expect(Math.abs(value - truth)).toBeLessThan(0.01 * truth + 2);
  near(all.conflict, totals.conflict);
  expect(all.conflictBefore).toBe(totals.conflictBefore);
  expect(all.mergedNorm / totals.mergedNorm).toBeCloseTo(1, 2);
  expect(all.meanNorm / totals.meanNorm).toBeCloseTo(1, 9);
  totals.models.forEach(({ kept, keptNorm, lost }, t) => {
    near(all.models[t]!.kept, kept);
    near(all.models[t]!.lost, lost);
    expect(all.models[t]!.keptNorm / keptNorm).toBeCloseTo(1, 2);
  });
});
