/** RegMean against its formula, and the same bytes for any threads, memory and kernels. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext, type MergeCase } from "../fixtures/mergeCase";
import { naiveRegmean } from "../fixtures/naiveRegmean";
import { readTensor } from "../fixtures/readTensor";
import { statisticsPath, writeGramCase } from "../fixtures/statisticsCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const gramsOf = (here: string, { set }: MergeCase, name: string): number[][] =>
  set.models.map((_, t) => readTensor(statisticsPath(here, t), name));

function expectNear(actual: number[], expected: number[], relative = 1e-6): void {
  const largest = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(actual.length).toBe(expected.length);
  expect(worst / largest).toBeLessThan(relative);
}

describe("RegMean", () => {
  const shapes = {
    "a.weight": [7, 20],
    "b.weight": [20, 131],
    "c.bias": [9],
    "d.plain.weight": [5, 6],
    "e.one": [3, 1],
  };

  for (const [dtype, statisticsDtype, alpha] of [
    ["F32", "F32", 0.9],
    ["F32", "F64", 0.5],
    ["F64", "F64", 1],
    ["F32", "F32", 0],
  ] as const) {
    it(`of ${dtype} weights with ${statisticsDtype} matrices, α ${alpha}`, async () => {
      const here = join(folder, `${dtype}-${statisticsDtype}-${alpha}`);
      const test = writeGramCase({ folder: here, shapes, models: 3, dtype, statisticsDtype, input: { alpha } });
      const result = await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
      expect(result.resumedTensors).toBe(0);
      for (const { name, models } of test.tensors) {
        const merged = readTensor(join(here, "out.safetensors"), name);
        const [, inputs] = shapes[name as keyof typeof shapes];
        if (/bias|plain/.test(name)) {
          const f = dtype === "F64" ? (value: number): number => value : Math.fround;
          expect(merged).toEqual(
            models[0]!.map((_, i) => f(models.reduce((sum, model) => f(sum + model[i]!), 0) / models.length)),
          );
        } else expectNear(merged, naiveRegmean(models, gramsOf(here, test, name), inputs!, alpha));
      }
    });
  }

  it("solves for more outputs than one worker takes at a time, and without a base", async () => {
    const here = join(folder, "tall");
    const test = writeGramCase({ folder: here, shapes: { w: [300, 10] }, models: 2, input: { base: null } });
    await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
    const { models } = test.tensors[0]!;
    expectNear(readTensor(join(here, "out.safetensors"), "w"), naiveRegmean(models, gramsOf(here, test, "w"), 10, 0.9));
  });

  it("leaves equal models as they are", async () => {
    const here = join(folder, "equal");
    const test = writeGramCase({ folder: here, shapes: { w: [40, 150] }, models: 2 });
    test.set.models[1]!.path = test.set.models[0]!.path;
    await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
    expect(readTensor(join(here, "out.safetensors"), "w")).toEqual(test.tensors[0]!.models[0]);
  });

  it("keeps what is left out, and measures interference where that is asked", async () => {
    const here = join(folder, "statistics");
    const test = writeGramCase({ folder: here, shapes, models: 2, input: { exclude: ["a.*"] } });
    const { set } = test;
    const { report } = await engine.merge({ set, output: bareOutput(here), statistics: true }, quietContext);
    await engine.merge({ set, output: bareOutput(here, "bare"), statistics: false }, quietContext);
    const out = join(here, "out.safetensors");
    expect(readFileSync(out).equals(readFileSync(join(here, "bare.safetensors")))).toBe(true);
    expect(readTensor(out, "a.weight")).toEqual(test.tensors[0]!.base);
    expect(report?.tensors.map(({ name }) => name)).toEqual(["b.weight", "c.bias", "d.plain.weight", "e.one"]);
  });

  it("takes the base's values for what is not finite, where that is wanted", async () => {
    const here = join(folder, "keep-base");
    const test = writeGramCase({ folder: here, shapes: { w: [4, 8] }, models: 3, input: { nonFinite: "keep-base" } });
    for (const [model, entry] of [
      [0, 3],
      [2, 3],
      [2, 9],
    ] as const) {
      const path = test.set.models[model]!.path;
      const bytes = readFileSync(path);
      bytes.writeFloatLE(NaN, bytes.length - 4 * (32 - entry));
      writeFileSync(path, bytes);
    }
    const result = await engine.merge({ set: test.set, output: bareOutput(here), statistics: false }, quietContext);
    expect([result.nonFinite, result.baseNonFinite]).toEqual([2, 0]);
    const { base, models } = test.tensors[0]!;
    const clean = models.map((model) => model.map((value, i) => (Number.isNaN(value) ? base[i]! : value)));
    expectNear(readTensor(join(here, "out.safetensors"), "w"), naiveRegmean(clean, gramsOf(here, test, "w"), 8, 0.9));
  });
});

describe("the bytes of RegMean", () => {
  afterEach(() => {
    delete process.env.TIES_MERGE_KERNELS;
  });

  it("are the same for any threads, memory and kernels", async () => {
    const here = join(folder, "same");
    const test = writeGramCase({ folder: here, shapes: { "a.w": [150, 301], "b.bias": [9] }, models: 3 });
    const merge = async (name: string, threads: number, memoryLimit: number, kernels?: string): Promise<Buffer> => {
      if (kernels) process.env.TIES_MERGE_KERNELS = kernels;
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
    expect((await merge("two", 2, 2 ** 30)).equals(one)).toBe(true);
    expect((await merge("three", 3, 2 ** 30)).equals(one)).toBe(true);
    expect((await merge("tight", 3, 140 * 2 ** 20)).equals(one)).toBe(true);
    expect((await merge("plain", 2, 2 ** 30, "plain")).equals(one)).toBe(true);
  }, 60_000);
});
