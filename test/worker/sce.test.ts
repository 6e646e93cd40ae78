/** SCE against its formulas, entry by entry, and against numbers that PyTorch gave. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { CHUNK_ELEMENTS } from "../../src/engine/kernels/rawChunk";
import { selectedCount } from "../../src/engine/merge/sce";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { SEGMENT_ELEMENTS } from "../../src/engine/plan/workPlan";
import type { FloatDtype } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext } from "../fixtures/mergeCase";
import { expectSameBytes, mergedTensors, METHOD_SHAPES, writeMethodCase } from "../fixtures/methodCase";
import { naiveSce } from "../fixtures/naiveSce";
import { naiveStatistics } from "../fixtures/naiveStatistics";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

/** Large enough for a selection by histograms of either kind. */
const shapes: Record<string, number[]> = { ...METHOD_SHAPES, "layers.1.a": [1, 3, 5000], "layers.1.b": [0, 4] };

interface Numbers {
  name: string;
  dtype: FloatDtype;
  shape: number[];
  base: number[];
  models: number[][];
  selectTopk: number;
  merged: number[];
}
const NUMBERS = JSON.parse(readFileSync(join(__dirname, "../fixtures/sce/numbers.json"), "utf8")) as Numbers[];

describe("the numbers of PyTorch by mergekit's formulas", () => {
  it.each(NUMBERS)("come out: $name", async ({ name, dtype, shape, base, models, selectTopk, merged }) => {
    const here = join(folder, name);
    const write = (file: string, values: number[]): string => {
      const path = join(here, `${file}.safetensors`);
      writeSafetensors(path, { w: { dtype, shape, values } });
      return path;
    };
    const set = createMergeSet({
      ...{ method: "sce", compat: "mergekit", selectTopk },
      base: write("base", base),
      models: models.map((values, t) => ({ path: write(`model${t}`, values) })),
    });
    const own = (await mergedTensors(engine, set, here))("w");
    merged.forEach((value, i) => expect(own[i]).toBeCloseTo(value, dtype === "F64" ? 12 : 6));
  });
});

describe("the formulas", () => {
  for (const dtype of ["F32", "BF16", "F64"] as const) {
    for (const selectTopk of [1, 0.55, 0.07, 0]) {
      for (const compat of ["reference", "mergekit"] as const) {
        it(`hold for ${selectTopk} of ${dtype}, ${compat}`, async () => {
          const here = join(folder, `${dtype}-${selectTopk}-${compat}`);
          const input = { method: "sce", compat, selectTopk, lambda: 0.7, outDtype: "F64" } as const;
          // Steps of 1/4: many variances are equal, and what of them is selected is told by their index.
          const { set, tensors } = writeMethodCase(here, input, { dtype, shapes, step: 1 / 4 });
          const merged = await mergedTensors(engine, set, here);
          const { theta } = naiveSce(set, tensors);
          for (const { name } of tensors) expect(merged(name)).toEqual(theta.get(name));
        });
      }
    }
  }

  it("hold where filters and gradients set the share", async () => {
    const here = join(folder, "gradient");
    const own = Object.fromEntries(
      [0, 1, 2].flatMap((layer) => ["mlp", "attn"].map((name) => [`layers.${layer}.${name}`, [9, 9]])),
    );
    const selectTopk = [{ filter: "mlp", value: [0.2, 0.8] }, { value: 0.1 }];
    const input = { method: "sce", selectTopk, outDtype: "F64" } as const;
    const { set, tensors } = writeMethodCase(here, input, { shapes: own });
    const merged = await mergedTensors(engine, set, here);
    const share: Record<string, number> = { "layers.0.mlp": 0.2, "layers.1.mlp": 0.5, "layers.2.mlp": 0.8 };
    const { theta } = naiveSce(set, tensors, (name) => share[name] ?? 0.1);
    for (const { name } of tensors) expect(merged(name)).toEqual(theta.get(name));
  });

  it("hold for any models, steps and shares", async () => {
    let run = 0;
    const property = fc.asyncProperty(
      fc.integer({ min: 2, max: 6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(1 / 4, 2 ** -9, 2 ** -16),
      fc.constantFrom("F32" as const, "BF16" as const),
      fc.constantFrom("reference" as const, "mergekit" as const),
      fc.integer({ min: 0, max: 99 }),
      async (models, selectTopk, step, dtype, compat, seed) => {
        const here = join(folder, `any-${run++}`);
        const input = { method: "sce", compat, selectTopk, outDtype: "F64" } as const;
        const own = { a: [37, 11], b: [2500], c: [3] };
        const { set, tensors } = writeMethodCase(here, input, { models, dtype, shapes: own, step, seed });
        const merged = await mergedTensors(engine, set, here);
        const { theta } = naiveSce(set, tensors);
        for (const { name } of tensors) expect(merged(name)).toEqual(theta.get(name));
      },
    );
    await fc.assert(property, { numRuns: 25 });
  }, 60_000);

  it("hold where all workers go through a tensor together, with a tie in its second segment", async () => {
    const here = join(folder, "shared");
    const own = { "a.huge": [SEGMENT_ELEMENTS + 3 * CHUNK_ELEMENTS + 5] };
    const input = { method: "sce", selectTopk: 0.6, outDtype: "F64" } as const;
    const { set, tensors } = writeMethodCase(here, input, { dtype: "BF16", shapes: own, models: 2, step: 1 / 4 });
    const merged = await mergedTensors(engine, set, here);
    const { theta } = naiveSce(set, tensors);
    const [expected, got] = [theta.get("a.huge")!, merged("a.huge")];
    expect(got.findIndex((value, i) => value !== expected[i])).toBe(-1);
  }, 60_000);
});

it("selects ⌊nonzero · topk⌋ entries, the product rounded to float32 as in PyTorch", () => {
  expect(selectedCount(100, 0.29)).toBe(29);
  expect(selectedCount(10, 0.35)).toBe(3);
  expect(selectedCount(2 ** 24 + 3, 0.999_999_999)).toBeLessThanOrEqual(2 ** 24 + 3);
  expect(selectedCount(0, 0.5)).toBe(0);
});

it("weighs a model whose share is next to nothing alone where it alone changes something", async () => {
  const here = join(folder, "lone");
  const write = (name: string, values: number[]): string => {
    const path = join(here, `${name}.safetensors`);
    writeSafetensors(path, { w: { dtype: "F32", shape: [3], values } });
    return path;
  };
  const models = [{ path: write("loud", [1e3, 1e3, 0]) }, { path: write("quiet", [0, 0, 1e-3]) }];
  const base = write("base", [0, 0, 0]);
  const merged = async (compat: "reference" | "mergekit"): Promise<number[]> => {
    const set = createMergeSet({ method: "sce", compat, base, models });
    const values = (await mergedTensors(engine, set, join(here, compat)))("w");
    return values;
  };
  expect(await merged("reference")).toEqual([1e3, 1e3, Math.fround(1e-3)]);
  // mergekit divides by a millionth at least: 5e-13 of the share.
  expect((await merged("mergekit"))[2]).toBeLessThan(1e-8);
});

describe("what the inspector shows", () => {
  const input = { method: "sce", compat: "mergekit", selectTopk: 0.4 } as const;

  it("is every statistic over what is selected, also in the pass of the merge", async () => {
    const here = join(folder, "statistics");
    const { set, tensors } = writeMethodCase(here, input, { shapes });
    const report = await engine.inspect({ set }, quietContext);
    const result = naiveSce(set, tensors);
    for (const tensor of report.tensors) {
      const some = tensors.filter(({ name }) => name === tensor.name);
      expect(tensor).toMatchObject(naiveStatistics(result, some));
      // A tensor without entries has no rules of its own.
      const threshold = some[0]!.base.length > 0 ? null : 0;
      for (const model of tensor.models) expect(model).toMatchObject({ threshold, density: 0.4 });
    }
    const merge = { set, output: bareOutput(here), statistics: true };
    expect((await engine.merge(merge, quietContext)).report).toEqual(report);
  });

  it("is what was selected and what the election erases, in pictures and parameters", async () => {
    const here = join(folder, "pictures");
    const { set, tensors } = writeMethodCase(here, input, { shapes });
    const { id } = await engine.openInspection({ set }, quietContext);
    const request = { tensor: "layers.0.a", row: 3, column: 2, rows: 7, columns: 20 };
    const { kept, merged, theta, gamma, tau, shares } = naiveSce(set, tensors);
    const look = async (): Promise<void> => {
      const block = await engine.parameters({ id, ...request }, quietContext);
      for (let cell = 0; cell < 140; cell++) {
        const at = (3 + Math.floor(cell / 20)) * 30 + 2 + (cell % 20);
        expect(block.merged[cell]).toBe(merged.get(request.tensor)![at]);
        expect(block.result[cell]).toBe(theta.get(request.tensor)![at]);
        for (let t = 0; t < 3; t++) {
          const isKept = kept.get(request.tensor)![t]![at]!;
          const sign = Math.sign(tau.get(request.tensor)![t]![at]!);
          expect(block.kept[t * 140 + cell]).toBe(isKept ? 1 : 0);
          expect(block.lost[t * 140 + cell]).toBe(isKept && sign !== gamma.get(request.tensor)![at] ? 1 : 0);
        }
      }
      block.weights.forEach((weight, t) => expect(weight).toBeCloseTo(shares.get(request.tensor)![t]!, 12));
    };
    // Before the statistics are counted, and with the rules that they found.
    await look();
    await engine.inspectionReport({ id }, quietContext);
    await look();
    const tile = await engine.tile({ id, tensor: "layers.0.a", level: 0, row: 0, column: 0 }, quietContext);
    expect(tile).toBeDefined();
    await engine.closeInspection({ id }, quietContext);
  });
});

it("gives the same bytes and the same report for any threads and memory", async () => {
  await expectSameBytes(join(folder, "same"), { method: "sce", selectTopk: 0.3 }, {}, 210 * 2 ** 20);
  await expectSameBytes(join(folder, "same-all"), { method: "sce" }, { dtype: "BF16" }, 210 * 2 ** 20);
}, 60_000);

it("gives the same bytes by SIMD and by the plain kernels", async () => {
  const here = join(folder, "kernels");
  const { set } = writeMethodCase(here, { method: "sce", lambda: 0.3 }, { shapes: { a: [300, 301] } });
  const merged = await mergedTensors(engine, set, here);
  process.env.TIES_MERGE_KERNELS = "plain";
  const plain = createEngine({ threads: 1 });
  try {
    expect(merged("a")).toEqual((await mergedTensors(plain, set, join(here, "plain")))("a"));
  } finally {
    delete process.env.TIES_MERGE_KERNELS;
    await plain.close();
  }
});

it("says of one model, of weights and of shares what is wrong", () => {
  const set = (input: object) => () => createMergeSet({ method: "sce", base: "/base", models: [], ...input });
  const [a, b] = [{ path: "/a" }, { path: "/b" }];
  expect(set({ models: [a] })).toThrow("merge-set-invalid");
  expect(set({ models: [a, { ...b, weight: 2 }] })).toThrow("merge-set-invalid");
  expect(set({ models: [a, b], selectTopk: 1.5 })).toThrow("merge-set-invalid");
  expect(set({ models: [a, b], density: 0.2 })()).toMatchObject({
    selectTopk: 1,
    models: [{ density: 1 }, { density: 1 }],
  });
});

it("refuses what is not finite by its place", async () => {
  const here = join(folder, "nan");
  const write = (name: string, values: number[]): string => {
    const path = join(here, `${name}.safetensors`);
    writeSafetensors(path, { w: { dtype: "F32", shape: [2, 2], values } });
    return path;
  };
  const models = [{ path: write("good", [1, 2, 3, 4]) }, { path: write("bad", [1, 2, NaN, 4]) }];
  const set = createMergeSet({ method: "sce", base: write("base", [0, 0, 0, 0]), models, selectTopk: 0.5 });
  await expect(mergedTensors(engine, set, here)).rejects.toMatchObject({
    code: "non-finite",
    details: { where: "w", input: "bad", index: 2 },
  });
});
