/** Methods that measure angles or variance, on adapters: of what they change or, of (IA)³, between their factors. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { naiveSlerp, naiveStock } from "../fixtures/measuredMethods";
import { naiveSce } from "../fixtures/naiveSce";
import { quietContext } from "../fixtures/mergeCase";
import { adapterSetOf, changesOf, largestDifference, PEFT } from "../fixtures/peftAdapters";
import { readValues } from "../fixtures/readValues";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

let outputs = 0;

async function merge(set: MergeSet, own = engine): Promise<string> {
  const out = join(folder, String(outputs++));
  await own.merge(
    { set, output: { out, shardSize: 1e9, overwrite: false, resume: false }, statistics: false },
    quietContext,
  );
  return out;
}

/** Each tensor of the first as `method` makes it of those of all. */
function each(all: Record<string, number[]>[], method: (values: number[][]) => number[]): Record<string, number[]> {
  return Object.fromEntries(Object.keys(all[0]).map((name) => [name, method(all.map((own) => own[name]))]));
}

const zeros = (values: readonly number[]): number[] => values.map(() => 0);

describe("of LoRA, ΔW of each module", () => {
  const changes = (...names: string[]): Record<string, number[]>[] => names.map((name) => changesOf(join(PEFT, name)));

  it.each([0, 0.3, 1])("SLERP goes %s of the arc", async (t) => {
    const out = await merge(adapterSetOf({ a: 1, b: 1 }, { method: "slerp", t, rank: 8 }));
    const expected = each(changes("a", "b"), ([one, other]) => naiveSlerp(one, other, t));
    expect(largestDifference(changesOf(out), expected)).toBeLessThan(1e-6);
  });

  it("Model Stock goes from no change towards the mean as far as the angles say", async () => {
    const out = await merge(adapterSetOf({ a: 1, b: 1, c: 1 }, { method: "model_stock", rank: 12 }));
    const expected = each(changes("a", "b", "c"), (values) => naiveStock(zeros(values[0]), values));
    expect(largestDifference(changesOf(out), expected)).toBeLessThan(1e-6);
  });

  it("SCE weighs by squares and erases the minority's sign", async () => {
    const set = adapterSetOf({ a: 1, b: 1, c: 1 }, { method: "sce", selectTopk: 1, rank: 12 });
    const out = await merge(set);
    const all = changes("a", "b", "c");
    const tensors = Object.keys(all[0]).map((name) => ({
      name,
      base: zeros(all[0][name]),
      models: all.map((own) => own[name]),
      wide: true,
    }));
    const { theta } = naiveSce(set, tensors);
    expect(largestDifference(changesOf(out), Object.fromEntries(theta))).toBeLessThan(1e-6);
  });

  it("gives the same bytes with any threads, and with statistics", async () => {
    const set = adapterSetOf({ a: 1, b: 1 }, { method: "model_stock", rank: 3 });
    const one = createEngine({ threads: 1 });
    const out = join(folder, String(outputs++));
    const output = { out, shardSize: 1e9, overwrite: false, resume: false };
    const { report } = await engine.merge({ set, output, statistics: true }, quietContext);
    const outs = [out, await merge(set, one)].map((path) => readFileSync(join(path, "adapter_model.safetensors")));
    await one.close();
    expect(outs[0].equals(outs[1])).toBe(true);
    expect(report?.totals.mergedNorm).toBeGreaterThan(0);
  });

  it.each(["slerp", "model_stock", "sce"] as const)(
    "%s without a rank is refused: factors have no such angle or variance",
    (method) =>
      expect(merge(adapterSetOf({ a: 1, b: 1 }, { method }))).rejects.toMatchObject({ code: "adapters-rank-needed" }),
  );
});

describe("of (IA)³, the factors", () => {
  const factors = ["ia3-a", "ia3-b"].map((name) => readValues(join(PEFT, name, "adapter_model.safetensors")));
  const values = (out: string): Record<string, number[]> => readValues(join(out, "adapter_model.safetensors"));
  const ones = (own: readonly number[]): number[] => own.map(() => 1);

  it("SLERP goes between them", async () => {
    const out = await merge(adapterSetOf({ "ia3-a": 1, "ia3-b": 1 }, { method: "slerp", t: 0.3 }));
    const expected = each(factors, ([one, other]) => naiveSlerp(one, other, 0.3));
    expect(largestDifference(values(out), expected)).toBeLessThan(1e-6);
  });

  it("Model Stock measures what they change of 1", async () => {
    const out = await merge(adapterSetOf({ "ia3-a": 1, "ia3-b": 1 }, { method: "model_stock" }));
    const expected = each(factors, (own) => naiveStock(ones(own[0]), own));
    expect(largestDifference(values(out), expected)).toBeLessThan(1e-6);
  });
});
