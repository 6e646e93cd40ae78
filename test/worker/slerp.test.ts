/** Spherical linear interpolation against its formula, tensor by tensor. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { parseRecipe } from "../../src/engine/plan/recipe";
import { createEngine } from "../../src/worker/engine";
import { expectSameBytes, mergedTensors, METHOD_SHAPES, writeMethodCase } from "../fixtures/methodCase";
import { recipeOptions } from "../fixtures/recipeOptions";
import { naiveSlerp } from "../fixtures/measuredMethods";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

function expectNear(found: readonly number[], expected: readonly number[], digits: number): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits));
}

describe("SLERP", () => {
  for (const [dtype, digits] of [
    ["F32", 6],
    ["F64", 13],
  ] as const) {
    for (const t of [0, 0.3, 1]) {
      it(`goes ${t} of the arc, ${dtype}`, async () => {
        const here = join(folder, `${dtype}-${t}`);
        // Steps of 1/4 turn the models away from each other.
        const { set, tensors } = writeMethodCase(here, { method: "slerp", t }, { models: 1, dtype, step: 1 / 4 });
        const merged = await mergedTensors(engine, set, here);
        for (const { name, base, models } of tensors) {
          expectNear(merged(name), naiveSlerp(base, models[0]!, t), digits);
          if (t === 0) expect(merged(name)).toEqual(base);
          if (t === 1) expect(merged(name)).toEqual(models[0]);
        }
      });
    }
  }

  it("goes on a line between tensors of nearly one direction, and from what has none", async () => {
    const here = join(folder, "line");
    const write = (name: string, near: number[], zero: number[]): string => {
      const path = join(here, `${name}.safetensors`);
      const tensor = (values: number[]) => ({ dtype: "F32" as const, shape: [values.length], values });
      writeSafetensors(path, { near: tensor(near), zero: tensor(zero) });
      return path;
    };
    const base = write("base", [1, 2, 3, 4], [0, 0]);
    const models = [{ path: write("other", [2, 4, 6, 8.25], [4, -8]) }];
    const merged = await mergedTensors(engine, createMergeSet({ method: "slerp", base, models, t: 0.25 }), here);
    expect(merged("near")).toEqual([1.25, 2.5, 3.75, 5.0625]);
    expect(merged("zero")).toEqual([1, -2]);
  });

  it("goes as far as gradients and filters say, from mergekit's own example", async () => {
    const here = join(folder, "gradient");
    const shapes = Object.fromEntries(
      [0, 1, 2].flatMap((layer) => ["self_attn.q", "mlp.up", "norm"].map((part) => [`layers.${layer}.${part}`, [20]])),
    );
    const { tensors, set: files } = writeMethodCase(here, { method: "slerp" }, { models: 1, step: 1 / 4, shapes });
    const [base = "", other = ""] = files.models.map(({ path }) => path);
    const source = (path: string): string => `{model: ${path}, layer_range: [0, 3]}`;
    const recipe = `slices: [{sources: [${source(base)}, ${source(other)}]}]
merge_method: slerp
base_model: ${base}
parameters:
  t:
    - {filter: self_attn, value: [0, 0.5, 1]}
    - {filter: mlp, value: [1, 0]}
    - value: 0.25
`;
    const set = parseRecipe(recipe, { ...recipeOptions, tensorNames: () => Object.keys(shapes) });
    const merged = await mergedTensors(engine, set, here);
    for (const { name, base: from, models } of tensors) {
      const layer = Number(name.split(".")[1]);
      const t = name.includes("attn") ? layer / 2 : name.includes("mlp") ? 1 - layer / 2 : 0.25;
      expectNear(merged(name), naiveSlerp(from, models[0]!, t), 6);
    }
  });

  it("goes from the base, wherever it is listed, and from the first model where there is none", () => {
    const [a, b] = [{ path: "/a" }, { path: "/b" }];
    const paths = (base: string | null, models: { path: string }[]): string[] =>
      createMergeSet({ method: "slerp", base, models }).models.map(({ path }) => path);
    expect(paths("/a", [b])).toEqual(["/a", "/b"]);
    expect(paths("/a", [b, a])).toEqual(["/a", "/b"]);
    expect(paths(null, [b, a])).toEqual(["/b", "/a"]);
  });

  it("merges two models without a base", async () => {
    const here = join(folder, "two");
    const { set, tensors } = writeMethodCase(here, { method: "slerp", base: null, t: 0.3 }, { models: 2 });
    const merged = await mergedTensors(engine, set, here);
    for (const { name, models } of tensors) expectNear(merged(name), naiveSlerp(models[0]!, models[1]!, 0.3), 6);
    expect(tensors.map(({ name }) => name)).toEqual(Object.keys(METHOD_SHAPES));
  });

  it("takes the base's value for what is not finite", async () => {
    const here = join(folder, "finite");
    const path = (name: string): string => join(here, `${name}.safetensors`);
    const tensor = (values: number[]) => ({ a: { dtype: "F32" as const, shape: [3], values } });
    writeSafetensors(path("base"), tensor([1, 0, 2]));
    writeSafetensors(path("other"), tensor([0, 1, NaN]));
    const input = { method: "slerp", base: path("base"), models: [{ path: path("other") }] } as const;
    await expect(mergedTensors(engine, createMergeSet(input), here)).rejects.toMatchObject({ code: "non-finite" });
    const merged = await mergedTensors(engine, createMergeSet({ ...input, nonFinite: "keep-base" }), here);
    expectNear(merged("a"), naiveSlerp([1, 0, 2], [0, 1, 2], 0.5), 6);
  });
});

it("gives the same bytes and the same report for any threads and memory", async () => {
  await expectSameBytes(join(folder, "same"), { method: "slerp", t: 0.4 }, { models: 1 });
}, 60_000);
