/** Fisher merging against the formula, step by step in float32 (float64 where base and models are F64). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CHUNK_ELEMENTS } from "../../src/engine/kernels/rawChunk";
import { SEGMENT_ELEMENTS } from "../../src/engine/plan/workPlan";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { isPictured } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { firstDifference } from "../fixtures/firstDifference";
import { bareOutput, quietContext, type MergeCase } from "../fixtures/mergeCase";
import { readTensor } from "../fixtures/readTensor";
import { statisticsPath, writeFisherCase } from "../fixtures/statisticsCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const shapes = { "a.weight": [30, 20], "b.bias": [11], "c.scalar": [], "d.empty": [0, 3] };

/** Σ c F̃ θ / Σ c F̃, every operation rounded by `round`. */
function naiveFisher(models: number[][], fisher: number[][], c: number[], round: (value: number) => number): number[] {
  return (models[0] ?? []).map((_, i) => {
    let [over, under] = [0, 0];
    models.forEach((model, t) => {
      const weight = round(round(round(fisher[t]![i]!) + round(1e-6)) * round(c[t]!));
      under = round(under + weight);
      over = round(over + round(weight * model[i]!));
    });
    return round(over / under);
  });
}

const fisherOf = (here: string, { set }: MergeCase, name: string): number[][] =>
  set.models.map((_, t) => readTensor(statisticsPath(here, t), name));

describe("Fisher merging", () => {
  for (const [dtype, statisticsDtype] of [
    ["F32", "F32"],
    ["F64", "F32"],
    ["F64", "F64"],
    ["F32", "F64"],
    ["F32", "BF16"],
  ] as const) {
    it(`of ${dtype} models with ${statisticsDtype} values`, async () => {
      const here = join(folder, `${dtype}-${statisticsDtype}`);
      const weights = [1, 0.25, 1.7];
      const test = writeFisherCase({ folder: here, shapes, models: 3, dtype, statisticsDtype, weights });
      await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
      for (const { name, models } of test.tensors) {
        const round = dtype === "F64" ? (value: number): number => value : Math.fround;
        const expected = naiveFisher(models, fisherOf(here, test, name), weights, round);
        expect(readTensor(join(here, "out.safetensors"), name)).toEqual(expected);
      }
    });
  }

  it("divides the weights by the norm over the whole model, also of what is left out", async () => {
    const here = join(folder, "normalized");
    const weights = [1, 0.25, 1.7];
    const input = { normalizeFisher: true, exclude: ["b.*"] };
    const test = writeFisherCase({ folder: here, shapes, models: 3, weights, input });
    await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
    const shares = weights.map((weight, t) => {
      const all = Object.keys(shapes).flatMap((name) => fisherOf(here, test, name)[t]!);
      return weight / (Math.sqrt(all.reduce((sum, value) => sum + value * value, 0)) + 1e-6);
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    const coefficients = shares.map((share) => share / total);
    const { models } = test.tensors.find(({ name }) => name === "a.weight")!;
    const expected = naiveFisher(models, fisherOf(here, test, "a.weight"), coefficients, Math.fround);
    readTensor(join(here, "out.safetensors"), "a.weight").forEach((value, i) =>
      // The norms may differ in the last bit of float64, a sum of another order.
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(2e-7 * Math.abs(expected[i]!)),
    );
    expect(readTensor(join(here, "out.safetensors"), "b.bias")).toEqual(
      test.tensors.find(({ name }) => name === "b.bias")!.base,
    );
  });

  it("needs no base", async () => {
    const here = join(folder, "baseless");
    const test = writeFisherCase({ folder: here, shapes, models: 2, input: { base: null } });
    await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
    const { models } = test.tensors[0]!;
    const expected = naiveFisher(models, fisherOf(here, test, "a.weight"), [1, 1], Math.fround);
    expect(readTensor(join(here, "out.safetensors"), "a.weight")).toEqual(expected);
  });

  it("weighs each tensor by its own weights where filters set them", async () => {
    const here = join(folder, "filters");
    const weight = [{ filter: "bias", value: 3 }, { value: 0.5 }];
    const test = writeFisherCase({ folder: here, shapes, models: 2, input: { base: null } });
    const [first, second] = test.set.models;
    const set = createMergeSet({ ...test.set, models: [{ ...first!, weight }, second!] });
    await engine.merge({ set, output: bareOutput(here), statistics: false }, quietContext);
    for (const [name, own] of [
      ["a.weight", 0.5],
      ["b.bias", 3],
    ] as const) {
      const { models } = test.tensors.find((tensor) => tensor.name === name)!;
      const expected = naiveFisher(models, fisherOf(here, test, name), [own, 1], Math.fround);
      expect(readTensor(join(here, "out.safetensors"), name)).toEqual(expected);
    }
  });

  it("is inspected under its own name; pictures show the mean", async () => {
    const here = join(folder, "inspected");
    const test = writeFisherCase({ folder: here, shapes, models: 2 });
    const { id, set } = await engine.openInspection({ set: test.set }, quietContext);
    expect(set.method).toBe("fisher");
    expect(isPictured(set.method)).toBe(false);
    const report = await engine.inspectionReport({ id }, quietContext);
    expect(report.recipe).toMatchObject({ merge_method: "fisher" });
    const request = { tensor: "b.bias", row: 0, column: 0, rows: 3, columns: 4 };
    const block = await engine.parameters({ id, ...request }, quietContext);
    const { models } = test.tensors[1]!;
    expect([...block.result].slice(0, 11)).toEqual(
      models[0]!.map((x, i) => Math.fround(Math.fround(x + models[1]![i]!) / 2)),
    );
    await engine.closeInspection({ id }, quietContext);
  });

  it("measures interference in the same pass, as averaging does", async () => {
    const here = join(folder, "statistics");
    const { set } = writeFisherCase({ folder: here, shapes, models: 3 });
    const [fisher, average] = [bareOutput(here, "fisher"), bareOutput(here, "average")];
    const [one, other] = [
      await engine.merge({ set, output: fisher, statistics: true }, quietContext),
      await engine.merge(
        { set: { ...set, method: "linear", normalize: true }, output: average, statistics: true },
        quietContext,
      ),
    ];
    expect(one.report?.totals).toEqual(other.report?.totals);
  });

  it("takes the base's values where an input is not finite and that is wanted", async () => {
    const here = join(folder, "keep-base");
    const test = writeFisherCase({ folder: here, shapes: { w: [6] }, models: 2, input: { nonFinite: "keep-base" } });
    const path = test.set.models[0]!.path;
    const bytes = readFileSync(path);
    bytes.writeFloatLE(NaN, bytes.length - 4);
    (await import("node:fs")).writeFileSync(path, bytes);
    const result = await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
    expect([result.nonFinite, result.baseNonFinite]).toEqual([1, 0]);
    const [{ base, models }] = test.tensors as [MergeCase["tensors"][number]];
    models[0]![5] = base[5]!;
    const expected = naiveFisher(models, fisherOf(here, test, "w"), [1, 1], Math.fround);
    expect(readTensor(join(here, "out.safetensors"), "w")).toEqual(expected);
  });
});

it("gives the same bytes for any threads, memory and kernels", async () => {
  const here = join(folder, "same");
  const large = { "a.big": [3, CHUNK_ELEMENTS - 7], "b.small": [10], "c.huge": [SEGMENT_ELEMENTS + 1000] };
  const test = writeFisherCase({ folder: here, shapes: large, models: 3, input: { normalizeFisher: true } });
  const merge = async (name: string, threads: number, memoryLimit: number): Promise<Buffer> => {
    const own = createEngine({ threads, memoryLimit });
    try {
      const output = bareOutput(here, name);
      await own.merge({ set: test.set, output, statistics: false }, quietContext);
      return readFileSync(output.out);
    } finally {
      await own.close();
    }
  };
  const one = await merge("one", 1, 2 ** 30);
  for (const [name, threads, limit] of [
    ["two", 2, 2 ** 30],
    ["three", 3, 2 ** 30],
    ["tight", 3, 140 * 2 ** 20],
  ] as const) {
    expect((await merge(name, threads, limit)).equals(one)).toBe(true);
  }
  const merged = readTensor(join(here, "one.safetensors"), "a.big");
  expect(firstDifference(merged, readTensor(join(here, "tight.safetensors"), "a.big"))).toBeNull();
}, 60_000);
