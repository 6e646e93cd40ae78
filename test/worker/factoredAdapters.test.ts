/** Adapters merged by what they change, the result factored back to a rank: PEFT's combination types with `svd`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { Factoring } from "../../src/protocol/engineApi";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { adapterSetOf, changesOf, changesOfPeft, largestDifference, PEFT } from "../fixtures/peftAdapters";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeAdapter, type FixtureModule } from "../fixtures/writeAdapter";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

let outputs = 0;

async function merge(set: MergeSet, own = engine): Promise<{ out: string; factoring: Factoring }> {
  const out = join(folder, String(outputs++));
  const output = { out, shardSize: 100, overwrite: false, resume: false };
  const { factoring } = await own.merge({ set, output, statistics: false }, quietContext);
  if (!factoring) throw new Error("nothing was factored");
  return { out, factoring };
}

const SAME = { a: 1, b: 0.7, c: 0.4 };
const OTHER = { a: 1, d: -0.7 };

describe("what add_weighted_adapter gives", () => {
  it.each([
    ["svd", adapterSetOf(SAME, { method: "linear", rank: 4 })],
    ["svd", adapterSetOf(SAME, { method: "task_arithmetic", rank: 4 })],
    ["svd-ranks", adapterSetOf(OTHER, { method: "linear", rank: 3 })],
    ["ties-svd", adapterSetOf(SAME, { method: "ties", density: 0.5, rank: 4 })],
    ["magnitude-prune-svd", adapterSetOf(SAME, { method: "magnitude_prune", density: 0.5, rank: 4 })],
  ])("%s", async (expected, set) => {
    const { out } = await merge(set);
    expect(largestDifference(changesOf(out), changesOfPeft(expected, out))).toBeLessThan(1e-6);
  });
});

it("loses nothing where the rank is that of all adapters together", async () => {
  const { out, factoring } = await merge(adapterSetOf(OTHER, { method: "linear", rank: 7 }));
  expect(largestDifference(changesOf(out), changesOfPeft("cat-ranks", out))).toBeLessThan(1e-6);
  expect(factoring.error).toBeLessThan(1e-6);
});

it("says how far the factors are from what was merged", async () => {
  const exact = changesOf((await merge(adapterSetOf(SAME, { method: "ties", density: 0.5, rank: 12 }))).out);
  const { out, factoring } = await merge(adapterSetOf(SAME, { method: "ties", density: 0.5, rank: 2 }));
  const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);
  const found = changesOf(out);
  let [rest, whole] = [0, 0];
  for (const [module, values] of Object.entries(exact)) {
    // Rank 12 is all there is.
    const own = squares(values.map((value, i) => value - found[module][i]));
    const told = factoring.tensors.find(({ name }) => name === `${module}.weight`)?.error;
    expect(told).toBeCloseTo(Math.sqrt(own / squares(values)), 5);
    rest += own;
    whole += squares(values);
  }
  expect(factoring.error).toBeCloseTo(Math.sqrt(rest / whole), 5);
  expect(factoring.error).toBeGreaterThan(0.1);
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain(`factored back to rank 2`);
});

it("writes an adapter of that rank for all modules, with a scaling of 1", async () => {
  const { out } = await merge(adapterSetOf(OTHER, { method: "ties", rank: 5, density: 0.5 }));
  const config = JSON.parse(readFileSync(join(out, "adapter_config.json"), "utf8")) as Record<string, unknown>;
  expect(config).toMatchObject({ r: 5, lora_alpha: 5, rank_pattern: {}, alpha_pattern: {}, use_rslora: false });
  expect(config["target_modules"]).toContain("layers.0.up");
});

describe("any method of task vectors", () => {
  it.each(["reference", "mergekit", "peft"] as const)(
    "TIES with the rules of %s: the same with any threads",
    async (compat) => {
      const set = adapterSetOf(OTHER, { method: "ties", compat, density: 0.4, rank: 3 });
      const one = createEngine({ threads: 1 });
      const outs = [await merge(set), await merge(set, one)].map(({ out }) => join(out, "adapter_model.safetensors"));
      await one.close();
      expect(readFileSync(outs[0]).equals(readFileSync(outs[1]))).toBe(true);
    },
  );

  it.each(["dare_ties", "dare_linear", "breadcrumbs"] as const)("%s", async (method) => {
    const { factoring } = await merge(adapterSetOf(SAME, { method, density: 0.5, rank: 12 }));
    expect(factoring.error).toBeLessThan(1e-6);
  });
});

it("leaves a module alone that is left out", async () => {
  const { out } = await merge(adapterSetOf(SAME, { method: "linear", rank: 2, exclude: ["*.q.weight"] }));
  const changes = changesOf(out);
  expect(changes["layers.0.q"].every((value) => value === 0)).toBe(true);
  expect(changes["layers.0.v"].some((value) => value !== 0)).toBe(true);
});

it("has statistics of the changes", async () => {
  const { totals, tensors } = await engine.inspect(
    { set: adapterSetOf(OTHER, { density: 0.5, rank: 3 }) },
    quietContext,
  );
  expect(tensors.map(({ name }) => name)).toContain("layers.0.q.weight");
  expect(totals.conflict).toBeGreaterThan(0);
});

it("announces the memory that factoring takes", async () => {
  const output = { out: join(folder, "plan"), shardSize: 1e9, overwrite: false, resume: false };
  const set = adapterSetOf(SAME, { method: "linear", rank: 4 });
  const { layer } = await engine.plan({ set, output }, quietContext);
  expect(layer?.bytes).toBeGreaterThan(0);
});

describe("refused", () => {
  const refused = (set: MergeSet, code: string): Promise<void> => expect(merge(set)).rejects.toMatchObject({ code });

  it("adapters that are no LoRA", () => refused(adapterSetOf({ "ia3-a": 1 }, { rank: 2 }), "adapters-need-lora"));
  it("adapters with whole tensors", () =>
    refused(adapterSetOf({ a: 1, lora: 1 }, { rank: 2 }), "adapters-saved-tensors"));
  it("whole models", () =>
    refused(createMergeSet({ method: "linear", rank: 2, models: [{ path: join(PEFT, "base") }] }), "adapters-needed"));
  it.each([
    ["a base", { base: join(PEFT, "base") }],
    ["cat", { method: "cat" as const }],
    ["half a rank", { rank: 1.5 }],
    ["no rank at all", { rank: 0 }],
  ])("%s", (_, options) => {
    expect(() => adapterSetOf(SAME, { rank: 2, ...options })).toThrow("merge-set-invalid");
  });
});

describe("entries that cancel", () => {
  it("take the sign of the whole model's majority, also of modules that come later", async () => {
    // In `first` the adapters cancel everywhere; in `second`, larger, both are below 0.
    const modules = (sign: number): Record<string, FixtureModule> => ({
      first: { rank: 1, a: [1, 1, 1], b: [sign, sign] },
      second: { rank: 1, a: [1, 1, 1, 1], b: [-1, -2, -3] },
    });
    const paths = [1, -1].map((sign) => join(folder, `sign${sign}`));
    paths.forEach((path, t) => writeAdapter(path, modules(t === 0 ? 1 : -1)));
    const models = paths.map((path) => ({ path }));
    const set = createMergeSet({ adapters: true, method: "ties", density: 1, models, rank: 1 });
    const changes = changesOf((await merge(set)).out);
    for (const value of changes["first"]) expect(value).toBeCloseTo(-1, 6);
    expect(changes["second"].map(Math.round)).toEqual([-1, -2, -3].flatMap((row) => [row, row, row, row]));
  });
});
