/** Model Stock against its formula, tensor by tensor. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CHUNK_ELEMENTS } from "../../src/engine/kernels/rawChunk";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { createEngine } from "../../src/worker/engine";
import { expectSameBytes, mergedTensors, writeMethodCase } from "../fixtures/methodCase";
import { naiveStock } from "../fixtures/measuredMethods";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

describe("Model Stock", () => {
  for (const [models, dtype, digits] of [
    [2, "F32", 5],
    [3, "F32", 5],
    [4, "F64", 12],
  ] as const) {
    it(`goes towards the mean of ${models} models as far as their angles say, ${dtype}`, async () => {
      const here = join(folder, `${models}-${dtype}`);
      const { set, tensors } = writeMethodCase(here, { method: "model_stock" }, { models, dtype });
      // A scalar's task vectors have no angle but 0 and π.
      const { head: _, ...shapes } = Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor]));
      const merged = await mergedTensors(engine, createMergeSet({ ...set, exclude: ["head"] }), here);
      for (const { name, base, models: values } of Object.values(shapes)) {
        const expected = naiveStock(base, values);
        merged(name).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits));
      }
    });
  }

  it("keeps the base where the changes have nothing in common, and the mean where they are one", async () => {
    const here = join(folder, "ends");
    const write = (name: string, apart: number[], same: number[], untouched: number[]): string => {
      const path = join(here, `${name}.safetensors`);
      const tensor = (values: number[]) => ({ dtype: "F32" as const, shape: [values.length], values });
      writeSafetensors(path, { apart: tensor(apart), same: tensor(same), untouched: tensor(untouched) });
      return path;
    };
    const base = write("base", [1, 1], [1, 1], [3, 4]);
    const models = [{ path: write("one", [2, 1], [2, 3], [3, 4]) }, { path: write("two", [1, 3], [2, 3], [5, 5]) }];
    const merged = await mergedTensors(engine, createMergeSet({ method: "model_stock", base, models }), here);
    expect(merged("apart")).toEqual([1, 1]);
    expect(merged("same")).toEqual([2, 3]);
    expect(merged("untouched")).toEqual([3, 4]);
  });

  it("refuses changes that cancel each other, and names the tensor", async () => {
    const here = join(folder, "cancel");
    const write = (name: string, values: number[]): string => {
      const path = join(here, `${name}.safetensors`);
      writeSafetensors(path, { odd: { dtype: "F32", shape: [2], values } });
      return path;
    };
    const models = [{ path: write("one", [1, 2]) }, { path: write("two", [-2, -4]) }];
    const set = createMergeSet({ method: "model_stock", base: write("base", [0, 0]), models });
    await expect(mergedTensors(engine, set, here)).rejects.toMatchObject({
      code: "task-vectors-cancel",
      details: { where: "odd" },
    });
  });

  for (const [models, dtype, digits] of [
    [2, "BF16", 5],
    [3, "F32", 5],
    [4, "F64", 12],
  ] as const) {
    it(`measures every row of the last dimension for itself, ${models} models in ${dtype}`, async () => {
      const here = join(folder, `rows-${models}-${dtype}`);
      // A row longer than a chunk, rows that chunks cut, and vectors, which are one row.
      const shapes = { long: [3, CHUNK_ELEMENTS + 9], deep: [2, 3, 5, 4], wide: [300, 700], vector: [50] };
      const input = { method: "model_stock", filterWise: true, outDtype: "F64" } as const;
      const { set, tensors } = writeMethodCase(here, input, { models, dtype, shapes, seed: 3 });
      const merged = await mergedTensors(engine, set, here);
      for (const { name, base, models: values } of tensors) {
        const row = shapes[name as keyof typeof shapes].at(-1)!;
        const own = merged(name);
        for (let at = 0; at < base.length; at += row) {
          const expected = naiveStock(
            base.slice(at, at + row),
            values.map((model) => model.slice(at, at + row)),
          );
          const far = expected.findIndex((x, i) => !(Math.abs(own[at + i]! - x) <= 10 ** -digits * (1 + Math.abs(x))));
          expect([name, at, far]).toEqual([name, at, -1]);
        }
      }
    });
  }

  it("names the row whose changes cancel each other", async () => {
    const here = join(folder, "cancel-row");
    const write = (name: string, values: number[]): string => {
      const path = join(here, `${name}.safetensors`);
      writeSafetensors(path, { odd: { dtype: "F32", shape: [2, 2], values } });
      return path;
    };
    const models = [{ path: write("one", [1, 1, 1, 2]) }, { path: write("two", [1, 2, -2, -4]) }];
    const base = write("base", [0, 0, 0, 0]);
    const set = createMergeSet({ method: "model_stock", filterWise: true, base, models });
    await expect(mergedTensors(engine, set, here)).rejects.toMatchObject({
      code: "task-vectors-cancel",
      details: { where: "odd, row 1" },
    });
  });

  it("scales by λ", async () => {
    const here = join(folder, "lambda");
    const shapes = { a: [40, 3] };
    const { set, tensors } = writeMethodCase(here, { method: "model_stock", lambda: 0.5 }, { shapes });
    const merged = await mergedTensors(engine, set, here);
    const [{ base, models }] = tensors as [(typeof tensors)[0]];
    naiveStock(base, models, 0.5).forEach((value, i) => expect(merged("a")[i]).toBeCloseTo(value, 5));
  });

  it("says of the models in the base's place, and of weights, what is wrong", () => {
    const set = (input: object) => () => createMergeSet({ method: "model_stock", models: [], ...input });
    const [a, b] = [{ path: "/a" }, { path: "/b" }];
    expect(set({ models: [a, b] })).toThrow("merge-set-invalid");
    expect(set({ base: "/a", models: [a, b] })).toThrow("merge-set-invalid");
    expect(set({ base: "/base", models: [a, { ...b, weight: 2 }] })).toThrow("merge-set-invalid");
    expect(set({ base: "/base", models: [a, b] })().models.length).toBe(2);
  });
});

it("gives the same bytes and the same report for any threads and memory", async () => {
  await expectSameBytes(join(folder, "same"), { method: "model_stock" });
  await expectSameBytes(join(folder, "same-rows"), { method: "model_stock", filterWise: true }, {}, 210 * 2 ** 20);
}, 60_000);
