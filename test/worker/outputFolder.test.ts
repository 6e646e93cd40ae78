import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { parseRecipe } from "../../src/engine/plan/recipe";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeShardedFolder, type FixtureTensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const tensors = (offset: number): FixtureTensors =>
  Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [
      `model.layers.${i}.weight`,
      { dtype: "F32", shape: [4, 8], values: Array.from({ length: 32 }, (_, k) => k + i + offset) },
    ]),
  );

function checkpoint(name: string, offset: number, shardSize: number): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeShardedFolder(path, tensors(offset), shardSize, { format: "pt", origin: name });
  return path;
}

const base = checkpoint("base", 0, 300);
const model = checkpoint("model", 1, 1e9);
writeFileSync(join(base, "config.json"), JSON.stringify({ model_type: "toy", torch_dtype: "float32" }));
writeFileSync(join(base, "tokenizer.json"), "{}");
writeFileSync(join(base, "notes.log"), "not a part of the model");
const set = createMergeSet({ base, models: [{ path: model }], density: 1, outDtype: "BF16" });

it("holds weights, the base's small files, a model card and the recipe; loaders find all of it", async () => {
  const out = join(folder, "whole");
  const output = { out, shardSize: 5e9, overwrite: false, resume: false };
  await engine.merge({ set, output, statistics: true }, quietContext);
  expect(readdirSync(out).sort()).toEqual([
    "README.md",
    "config.json",
    "model.safetensors",
    "ties_recipe.yml",
    "tokenizer.json",
  ]);
  expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8"))).toEqual({
    model_type: "toy",
    torch_dtype: "bfloat16",
  });
  const recipe = readFileSync(join(out, "ties_recipe.yml"), "utf8");
  expect(parseRecipe(recipe, { file: "ties_recipe.yml", resolvePath: (path) => path })).toEqual(set);
  expect(openCheckpoint(out).metadata).toEqual({ format: "pt", origin: "base" });
});

it("is sharded by --shard-size, with an index that readers follow", async () => {
  const out = join(folder, "sharded");
  const output = { out, shardSize: 130, overwrite: false, resume: false };
  const { files } = await engine.merge({ set, output, statistics: false }, quietContext);
  expect(files).toEqual([1, 2, 3].map((shard) => `model-0000${shard}-of-00003.safetensors`));
  const index = JSON.parse(readFileSync(join(out, "model.safetensors.index.json"), "utf8")) as {
    metadata: { total_size: number };
    weight_map: Record<string, string>;
  };
  expect(index.metadata.total_size).toBe(6 * 32 * 2);
  for (const [name, { begin, file }] of openCheckpoint(out).tensors) {
    expect(begin).toBeGreaterThan(0);
    expect(readTensor(file, name)[5]).toBe(5 + Number(name.split(".")[2]) + 1);
    expect(index.weight_map[name]).toBe(file.split("/").pop());
  }
});

it("is refused where something is, and replaced with overwrite only", async () => {
  const out = join(folder, "twice");
  const output = { out, shardSize: 5e9, overwrite: false, resume: false };
  await engine.merge({ set, output, statistics: false }, quietContext);
  const again = engine.merge({ set, output, statistics: false }, quietContext);
  await expect(again).rejects.toMatchObject({ code: "output-exists" });
  await engine.merge({ set, output: { ...output, overwrite: true }, statistics: false }, quietContext);
  expect(existsSync(join(out, "model.safetensors"))).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

it("never replaces one of the inputs", async () => {
  const output = { out: base, shardSize: 5e9, overwrite: true, resume: false };
  const merge = engine.merge({ set, output, statistics: false }, quietContext);
  await expect(merge).rejects.toMatchObject({ code: "output-is-input" });
});
