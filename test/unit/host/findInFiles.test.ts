import { expect, it } from "vitest";
import { comparePaths, findInFiles, isCheckpointFolder } from "../../../src/host/checkpoints/findInFiles";

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

it("offers neither outputs that are being written, nor shards without an index", () => {
  expect(
    pathsOf(
      "/w/.merged.ties-partial/model.safetensors",
      "/w/half/model-00001-of-00003.safetensors",
      "/w/half/model-00002-of-00003.safetensors",
    ),
  ).toEqual([]);
});

it("finds adapters by their folder", () => {
  expect(pathsOf("/w/lora/adapter_model.safetensors", "/w/lora/optimizer.pt", "/w/old/adapter_model.bin")).toEqual([
    "folder /w/lora",
    "folder /w/old",
  ]);
  expect(isCheckpointFolder(["adapter_config.json", "adapter_model.safetensors"])).toBe(true);
});

it("orders models by number", () => {
  expect(["/m/t-10", "/m/t-9", "/m/T-1"].sort(comparePaths)).toEqual(["/m/T-1", "/m/t-9", "/m/t-10"]);
});

it("finds PyTorch checkpoints: whole models and shards by their folder, other files by their own name", () => {
  expect(
    pathsOf(
      "/w/whole/pytorch_model.bin",
      "/w/whole/optimizer.pt",
      "/w/whole/model.ckpt",
      "/w/shards/pytorch_model-00001-of-00002.bin",
      "/w/shards/pytorch_model-00002-of-00002.bin",
      "/w/shards/pytorch_model.bin.index.json",
      "/w/runs/checkpoints/epoch=3.ckpt",
      "/w/runs/checkpoints/optimizer.pt",
      "/w/both/pytorch_model.bin",
      "/w/both/model.safetensors",
      "/w/half/pytorch_model-00001-of-00002.bin",
    ),
  ).toEqual(["folder /w/both", "file /w/runs/checkpoints/epoch=3.ckpt", "folder /w/shards", "folder /w/whole"]);
});

it("takes a folder with a lone PyTorch file for a checkpoint when it is chosen by hand", () => {
  expect(isCheckpointFolder(["epoch=3.ckpt", "notes.txt"])).toBe(true);
  expect(isCheckpointFolder(["a.pt", "b.pt"])).toBe(false);
  expect(isCheckpointFolder(["training_args.bin", "optimizer.pt"])).toBe(false);
});
