/** Checkpoints with the same headers share what was made of them, and each reads its own files. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/engine/format/checkpoint";
import { areAlike } from "../../src/engine/format/likeTensors";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors, writeShardedFolder, type FixtureTensors } from "../fixtures/writeCheckpoint";

const tensors = (seed: number, rows = 3): FixtureTensors => ({
  "layer.0.weight": { dtype: "F32", shape: [rows, 2], values: Array.from({ length: 2 * rows }, (_, i) => seed + i) },
  "layer.1.weight": { dtype: "BF16", shape: [4], values: [seed, 1, 2, 3] },
});

const folder = temporaryFolder();
const file = (name: string, of: FixtureTensors): string => {
  const path = join(folder, `${name}.safetensors`);
  writeSafetensors(path, of);
  return path;
};

/** As they would be if the headers of no other file were known. */
function expectOwn({ tensors: found, files }: Checkpoint, like: Checkpoint): void {
  const own = [...like.tensors].map(([name, ref]) => [name, { ...ref, file: files[like.files.indexOf(ref.file)] }]);
  expect([...found]).toEqual(own);
  expect([...found.entries()]).toEqual(own);
  expect([...found.values()]).toEqual(own.map(([, ref]) => ref));
  expect([...found.keys()]).toEqual(own.map(([name]) => name));
  expect(found.size).toBe(own.length);
  const each: unknown[] = [];
  found.forEach((ref, name) => each.push([name, ref]));
  expect(each).toEqual(own);
  expect(found.get("layer.1.weight")?.file).toBe(files.at(-1));
  expect(found.has("layer.1.weight")).toBe(true);
  expect(found.get("layer.2.weight")).toBeUndefined();
}

describe("of two files with one header", () => {
  it("each is as it would be by itself", () => {
    const [base, tuned] = [file("base", tensors(1)), file("tuned", tensors(5))].map((path) => openCheckpoint(path));
    expect(areAlike(base!, tuned!)).toBe(true);
    expectOwn(tuned!, base!);
    expect(tuned).toMatchObject({ name: "tuned", bytes: base!.bytes, parameters: base!.parameters });
    expect(readTensor(tuned!.path, "layer.1.weight")).not.toEqual(readTensor(base!.path, "layer.1.weight"));
  });

  it("all shards count", () => {
    const folders = ["sharded base", "sharded tuned", "other"].map((name) => join(folder, name));
    writeShardedFolder(folders[0]!, tensors(1), 24);
    writeShardedFolder(folders[1]!, tensors(2), 24);
    // Another first shard, the same second one.
    writeShardedFolder(folders[2]!, tensors(3, 2), 24);
    const [base, tuned, other] = folders.map((path) => openCheckpoint(path));
    expect(base!.files).toHaveLength(2);
    expect(areAlike(base!, tuned!)).toBe(true);
    expectOwn(tuned!, base!);
    expect(areAlike(base!, other!)).toBe(false);
    expect(other!.tensors.get("layer.0.weight")?.shape).toEqual([2, 2]);
  });
});

it("a file with another header shares nothing", () => {
  const [base, other] = [file("one", tensors(1)), file("two", tensors(1, 4))].map((path) => openCheckpoint(path));
  expect(areAlike(base!, other!)).toBe(false);
  expect(other!.tensors.get("layer.0.weight")?.shape).toEqual([4, 2]);
});
