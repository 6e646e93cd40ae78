import { expect, it } from "vitest";
import { comparePaths, findInFiles } from "../../../src/host/checkpoints/findInFiles";

const pathsOf = (...files: string[]): string[] => findInFiles(files).map(({ kind, path }) => `${kind} ${path}`);

it("finds whole models, sharded models and lone files", () => {
  expect(
    pathsOf(
      "/w/sharded/model-00001-of-00002.safetensors",
      "/w/sharded/model-00002-of-00002.safetensors",
      "/w/sharded/model.safetensors.index.json",
      "/w/whole/model.safetensors",
      "/w/whole/optimizer.safetensors",
      "/w/lone/weights.safetensors",
    ),
  ).toEqual(["folder /w/lone", "folder /w/sharded", "folder /w/whole"]);
});

it("offers the files of a folder that holds several and no index", () => {
  expect(pathsOf("/w/a.safetensors", "/w/b.safetensors")).toEqual(["file /w/a.safetensors", "file /w/b.safetensors"]);
});

it("offers neither outputs that are being written, nor shards without an index, nor adapters", () => {
  expect(
    pathsOf(
      "/w/.merged.ties-partial/model.safetensors",
      "/w/half/model-00001-of-00003.safetensors",
      "/w/half/model-00002-of-00003.safetensors",
      "/w/adapter/adapter_model.safetensors",
    ),
  ).toEqual([]);
});

it("orders models by number", () => {
  expect(["/m/t-10", "/m/t-9", "/m/T-1"].sort(comparePaths)).toEqual(["/m/T-1", "/m/t-9", "/m/t-10"]);
});
