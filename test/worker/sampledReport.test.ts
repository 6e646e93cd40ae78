/** Statistics from the sample of an opened set: exact where all of it is read, little of a large one, the same each time. */
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import type { TiesRules } from "../../src/protocol/mergeSet";
import { figuresLength, readFigures } from "../../src/protocol/sample";
import { createEngine } from "../../src/worker/engine";
import { unpackTensors } from "../../src/protocol/tensorTable";
import { quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { writeRandomSet } from "../fixtures/randomSet";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const WHOLE = { tensors: true, margins: true };
const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const shapes = { "layers.0.a": [40, 30], "layers.0.b": [17], "layers.10.a": [5], "layers.2.a": [1, 3, 50], head: [] };
const { set: opened } = writeMergeCase({ folder: join(folder, "small"), shapes, models: 4 });

const cases: [string, Partial<TiesRules>, number, number[], Partial<MergeSetInput>?][] = [
  ["model scope, inclusive ties", {}, 0.3, [0, 1, 2, 3]],
  ["model scope, exact ties", { trimTies: "exact" }, 0.15, [0, 1, 2, 3]],
  ["tensor scope, inclusive ties", { trimScope: "tensor" }, 0.5, [0, 1, 2, 3]],
  ["tensor scope, exact ties", { trimScope: "tensor", trimTies: "exact" }, 0.2, [0, 2, 3]],
  ["another sign rule", { signConsensus: "frequency", zeroSign: "positive" }, 0.4, [1, 3]],
  ["everything kept", {}, 1, [0, 1]],
  ["nothing kept", { trimTies: "exact" }, 0, [0, 1]],
  ["drawn masks", {}, 0.4, [0, 1, 3], { method: "dare_ties", seed: 3 }],
  ["drawn masks without election", {}, 0.7, [0, 2], { method: "dare_linear" }],
  ["drawn by rank", {}, 0.4, [0, 1, 3], { method: "della", seed: 3 }],
  ["drawn by rank with another epsilon", {}, 0.6, [0, 1, 2, 3], { method: "della", compat: "mergekit", epsilon: 0.3 }],
  ["drawn by rank without election", {}, 0.7, [1, 2], { method: "della_linear", epsilon: 0.05 }],
  ["all kept of a rank", {}, 1, [1, 2], { method: "della_linear" }],
  ["what varies most", {}, 1, [0, 1, 3], { method: "sce", selectTopk: 0.3 }],
  ["all that varies", {}, 1, [0, 1, 2, 3], { method: "sce" }],
  ["what varies most, by layer", {}, 1, [0, 1, 2], { method: "sce", selectTopk: [0.2, 0.6] }],
  [
    "what varies most of some tensors",
    {},
    1,
    [1, 2, 3],
    { method: "sce", selectTopk: [{ filter: ".b", value: 1 }, { value: 0.3 }] },
  ],
  ["drawn by rank, by layer", {}, 0.4, [0, 1], { method: "della", density: [0.3, 0.6], lambda: [0.5, 1.5] }],
  ["nothing that varies", {}, 1, [0, 1], { method: "sce", selectTopk: 0 }],
  ["what varies most, by mergekit's limits", {}, 1, [0, 3], { method: "sce", selectTopk: 0.7, compat: "mergekit" }],
  ["without outliers", {}, 0.4, [0, 1, 2], { method: "breadcrumbs_ties", gamma: 0.05 }],
  ["pruned by magnitude", {}, 0.4, [0, 1, 2], { method: "magnitude_prune" }],
];

for (const [name, rules, density, members, method] of cases) {
  it(`of a set that is read whole are the exact ones: ${name}`, async () => {
    // SCE finds its weights, and has neither densities nor rules of election.
    const isSce = method?.method === "sce";
    const weight = (index: number) => (isSce ? undefined : 1 + index / 2);
    const models = members.map((index) => ({ path: opened.models[index]!.path, weight: weight(index) }));
    const set = createMergeSet({ base: opened.base, models, ...(!isSce && { density, rules }), ...method });
    const { id, tensors } = await engine.openInspection({ set: opened }, quietContext);
    const sampled = await engine.sampledReport({ id, set, members, ...WHOLE }, quietContext);
    const exact = await engine.inspect({ set }, quietContext);
    const n = members.length;
    const length = figuresLength(n);
    // Each of these tensors is a place of its own.
    const each = unpackTensors(tensors).map((tensor) => tensor.name);
    const names = ["totals", ...sampled.groups, ...each, ...each];
    const wanted = [
      exact.totals,
      ...sampled.groups.map((group) => exact.groups.find((of) => of.name === group)),
      ...[...each, ...each].map((tensor) => exact.tensors.find((of) => of.name === tensor)),
    ];
    expect(sampled.figures).toHaveLength(names.length * length);
    names.forEach((row, at) => {
      const figures = readFigures(sampled.figures, at * length, n);
      const close = (value: unknown): unknown =>
        typeof value === "number"
          ? expect.closeTo(value, 9)
          : Array.isArray(value)
            ? value.map(close)
            : value !== null && typeof value === "object"
              ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, close(inner)]))
              : value;
      const { name: _, shape: __, dtype: ___, ...truth } = { name: "", shape: [], dtype: "", ...wanted[at]! };
      expect(figures, row).toEqual(close(truth));
    });
    expect(sampled.margins.every((margin) => margin === 0)).toBe(true);
  });
}

it("of a large set read less than a fiftieth of it, and are the same each time", { timeout: 120_000 }, async () => {
  const random = writeRandomSet(join(folder, "large"), { models: ["a", "b"], layers: 15, edge: 1024 });
  const set = createMergeSet({ base: random.base, models: random.models.map((path) => ({ path })) });
  const { id } = await engine.openInspection({ set }, quietContext);
  const first = await engine.sampledReport({ id, set, members: [0, 1], ...WHOLE }, quietContext);
  expect(first.bytesRead / first.bytes).toBeLessThan(0.02);
  expect(first.bytes).toBeGreaterThan(1.5e8);
  const exact = readFigures(first.figures, 0, 2);
  const margin = readFigures(first.margins, 0, 2);
  expect(exact.elements).toBe(15 * (1024 * 1024 + 1024));
  expect(margin.conflict).toBeGreaterThan(0);
  expect(margin.conflict / exact.elements).toBeLessThan(0.01);
  const again = await engine.openInspection({ set }, quietContext);
  const second = await engine.sampledReport({ id: again.id, set, members: [0, 1], ...WHOLE }, quietContext);
  expect(second.figures).toEqual(first.figures);
  expect(second.margins).toEqual(first.margins);
});

const LARGE: [string, Partial<MergeSetInput>][] = [
  ["entries drawn by rank", { method: "della", density: 0.5 }],
  ["the entries that vary most", { method: "sce", selectTopk: 0.3 }],
];

it.each(LARGE)("of a large set with %s read less than a fiftieth, too", { timeout: 120_000 }, async (_, method) => {
  const random = writeRandomSet(join(folder, "large"), { models: ["a", "b"], layers: 15, edge: 1024 });
  const set = createMergeSet({ base: random.base, models: random.models.map((path) => ({ path })), ...method });
  const { id } = await engine.openInspection({ set }, quietContext);
  const sampled = await engine.sampledReport({ id, set, members: [0, 1], ...WHOLE }, quietContext);
  expect(sampled.bytesRead / sampled.bytes).toBeLessThan(0.02);
  const { totals } = await engine.inspect({ set }, quietContext);
  const [figures, margins] = [readFigures(sampled.figures, 0, 2), readFigures(sampled.margins, 0, 2)];
  for (const of of ["conflict", "mergedNorm", "meanNorm"] as const) {
    expect(margins[of]).toBeGreaterThan(0);
    expect(margins[of] / totals[of]).toBeLessThan(0.03);
    expect(Math.abs(figures[of] - totals[of]), of).toBeLessThan(2 * margins[of]);
  }
  totals.models.forEach(({ kept, keptNorm }, t) => {
    expect(Math.abs(figures.models[t]!.kept - kept)).toBeLessThan(2 * margins.models[t]!.kept);
    expect(Math.abs(figures.models[t]!.keptNorm - keptNorm)).toBeLessThan(2 * margins.models[t]!.keptNorm);
  });
});

it("curves: all of ‖τ‖ at density 1, none at 0, and no conflict within one model", async () => {
  const { id } = await engine.openInspection({ set: opened }, quietContext);
  const request = { id, set: opened, members: [0, 1, 2, 3] };
  const { byDensity, byModels } = await engine.sampledCurves({ ...request, layer: null }, quietContext);
  expect(byDensity.at(-1)!.keptNorm).toEqual([1, 1, 1, 1].map((one) => expect.closeTo(one, 9)));
  expect(byDensity[0]!.density).toBe(0);
  byDensity.slice(1).forEach(({ keptNorm, conflict }, at) => {
    keptNorm.forEach((share, t) => expect(share).toBeGreaterThanOrEqual(byDensity[at]!.keptNorm[t]! - 1e-12));
    expect(conflict).toBeGreaterThanOrEqual(byDensity[at]!.conflict);
  });
  expect(byModels.map(({ count, subsets, all }) => [count, subsets, all])).toEqual([
    [1, 4, true],
    [2, 6, true],
    [3, 4, true],
    [4, 1, true],
  ]);
  expect(byModels[0]!.conflict).toEqual({ first: 0, least: 0, most: 0 });
  expect(byModels[0]!.averaging.first).toBeCloseTo(1, 9);
  const { totals } = await engine.inspect({ set: opened }, quietContext);
  expect(byModels[3]!.conflict.first).toBeCloseTo(totals.conflict / totals.elements, 9);
});

it("are refused for a cancelled request and a closed inspection", async () => {
  const { id } = await engine.openInspection({ set: opened }, quietContext);
  const request = { id, set: opened, members: [0, 1, 2, 3], ...WHOLE };
  const cancelled = { ...quietContext, signal: AbortSignal.abort() };
  await expect(engine.sampledReport(request, cancelled)).rejects.toMatchObject({ code: "cancelled" });
  await engine.closeInspection({ id }, quietContext);
  await expect(engine.sampledReport(request, quietContext)).rejects.toMatchObject({ code: "inspection-closed" });
});
