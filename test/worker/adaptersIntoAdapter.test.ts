/** Adapters merged with one another: with `compat: peft`, what PEFT's `add_weighted_adapter` makes of them. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { readValues } from "../fixtures/readValues";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const PEFT = resolve("test/fixtures/peft");
const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

let outputs = 0;
const newFolder = (): string => join(folder, String(outputs++));

async function merge(set: MergeSet): Promise<string> {
  const out = newFolder();
  const output = { out, shardSize: 100, overwrite: false, resume: false };
  await engine.merge({ set, output, statistics: false }, quietContext);
  return out;
}

function adapters(weights: Record<string, number>, options: Partial<MergeSetInput>): MergeSet {
  const models = Object.entries(weights).map(([name, weight]) => ({ path: join(PEFT, name), weight }));
  return createMergeSet({ compat: "peft", adapters: true, ...options, models });
}

function expectClose(actual: Record<string, number[]>, expected: Record<string, number[]>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    values.forEach((value, i) => expect(Math.abs(value - actual[name][i]), `${name} ${i}`).toBeLessThan(1e-6));
  }
}

const WEIGHTS = { a: 1, b: 0.7, c: 0.4 };

describe("the numbers of add_weighted_adapter", () => {
  it.each([
    ["linear", "linear", adapters({ a: 1, b: 0.7, c: -0.4 }, { method: "linear" })],
    ["linear, as task arithmetic", "linear", adapters({ a: 1, b: 0.7, c: -0.4 }, { method: "task_arithmetic" })],
    ["ties", "ties", adapters(WEIGHTS, { method: "ties", density: 0.5 })],
    [
      "ties with majority_sign_method frequency",
      "ties-frequency",
      adapters(WEIGHTS, { method: "ties", density: 0.3, rules: { signConsensus: "frequency" } }),
    ],
    ["magnitude_prune", "magnitude-prune", adapters(WEIGHTS, { method: "magnitude_prune", density: 0.5 })],
    ["(IA)³", "ia3", adapters({ "ia3-a": 0.6, "ia3-b": 0.4 }, { method: "linear" })],
    [
      "(IA)³, weights that sum to 1, as task arithmetic over ones",
      "ia3",
      adapters({ "ia3-a": 0.6, "ia3-b": 0.4 }, { method: "task_arithmetic" }),
    ],
  ])("%s", async (_, expected, set) => {
    const out = await merge(set);
    expectClose(
      readValues(join(out, "adapter_model.safetensors")),
      readValues(join(PEFT, "combined", `${expected}.safetensors`)),
    );
  });
});

it("writes a folder that is an adapter, with a scaling of 1", async () => {
  const out = await merge(adapters(WEIGHTS, { method: "ties", density: 0.5 }));
  expect(readdirSync(out).sort()).toEqual([
    "README.md",
    "adapter_config.json",
    "adapter_model.safetensors",
    "ties_recipe.yml",
  ]);
  const config = JSON.parse(readFileSync(join(out, "adapter_config.json"), "utf8")) as Record<string, unknown>;
  const first = JSON.parse(readFileSync(join(PEFT, "a", "adapter_config.json"), "utf8")) as Record<string, unknown>;
  expect(config).toEqual({ ...first, lora_alpha: 4, alpha_pattern: {} });
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain("library_name: peft");
  const { adapter, format } = openCheckpoint(out);
  expect(format).toBe("peft");
  expect(adapter?.modules.map((module) => (module.kind === "lora" ? module.scaling : 0))).toEqual(
    adapter?.modules.map(() => 1),
  );
});

const BASE = join(PEFT, "base");

/** ΔW of an adapter's modules. */
async function changeOf(adapter: string): Promise<number[]> {
  const here = newFolder();
  mkdirSync(here);
  const set = createMergeSet({ method: "linear", models: [{ path: `${BASE}+${adapter}` }] });
  const output = { out: join(here, "out.safetensors"), shardSize: 1e9, overwrite: false, resume: false };
  await engine.merge({ set, output, statistics: false }, quietContext);
  const base = readValues(join(BASE, "model.safetensors"));
  return Object.entries(readValues(output.out)).flatMap(([name, values]) =>
    values.map((value, i) => value - base[name][i]),
  );
}

describe("the rules of the paper and of mergekit", () => {
  it.each(["linear", "ties"] as const)("give an adapter back that is merged with itself by %s", async (method) => {
    const set = adapters({ a: 1 }, { compat: "reference", method, density: 1 });
    set.models.push({ ...set.models[0], name: "again" });
    const [before, after] = [await changeOf(join(PEFT, "a")), await changeOf(await merge(set))];
    before.forEach((value, i) => expect(Math.abs(after[i] - value)).toBeLessThan(1e-5));
  });
});

it("has statistics of the factors", async () => {
  const report = await engine.inspect({ set: adapters(WEIGHTS, { method: "ties", density: 0.5 }) }, quietContext);
  expect(report.totals.elements).toBe(
    Object.values(readValues(join(PEFT, "a", "adapter_model.safetensors"))).flat().length,
  );
  expect(report.totals.conflict).toBeGreaterThan(0);
});

describe("refused", () => {
  const changed = (name: string, change: (config: Record<string, unknown>) => void): string => {
    const here = newFolder();
    cpSync(join(PEFT, name), here, { recursive: true });
    const file = join(here, "adapter_config.json");
    const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    change(config);
    writeFileSync(file, JSON.stringify(config));
    return here;
  };
  const refused = (paths: string[], code: string): Promise<void> =>
    expect(merge(createMergeSet({ adapters: true, models: paths.map((path) => ({ path })) }))).rejects.toMatchObject({
      code,
    });

  it("adapters of other types", () => refused([join(PEFT, "a"), join(PEFT, "ia3-a")], "adapters-types-differ"));
  it("adapters of other modules", () => refused([join(PEFT, "a"), join(PEFT, "conv1d")], "tensors-missing"));
  it("modules of other ranks", () => refused([join(PEFT, "conv1d"), join(PEFT, "lora")], "adapters-saved-tensors"));
  it("a model among adapters", () => refused([join(PEFT, "a"), BASE], "adapters-and-models"));
  it("models without a base", () => refused([BASE], "base-needed"));
  it("a config of another rank", () => refused([changed("a", (config) => (config.r = 8))], "adapter-rank"));
});
