import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cardParents, readOrigins } from "../../../src/host/checkpoints/origins";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "origins-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, value: unknown): void =>
  writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));

it("reads what config, adapter config and model card say", async () => {
  write("config.json", { _name_or_path: "org/start", architectures: ["LlamaForCausalLM"], model_type: "llama" });
  write("adapter_config.json", { base_model_name_or_path: "org/other" });
  write("README.md", "---\nlicense: mit\nbase_model: org/third\n---\n# Model");
  expect(await readOrigins({ path: folder, kind: "folder" })).toEqual({
    parents: ["org/start", "org/other", "org/third"],
    architecture: "LlamaForCausalLM llama",
  });
});

it("takes broken, empty and missing files for no word", async () => {
  write("config.json", "{ not json");
  write("adapter_config.json", "[1]");
  expect(await readOrigins({ path: folder, kind: "folder" })).toEqual({ parents: [], architecture: "" });
});

it("does not lend a lone file the config beside it", async () => {
  write("config.json", { _name_or_path: "org/start" });
  expect((await readOrigins({ path: join(folder, "other.safetensors"), kind: "file" })).parents).toEqual([]);
  expect((await readOrigins({ path: join(folder, "model.safetensors"), kind: "file" })).parents).toEqual(["org/start"]);
});

it.each([
  ["---\nbase_model: org/a\n---", ["org/a"]],
  ['---\r\nbase_model: "org/a"\r\ntags: [x]\r\n---\r\n', ["org/a"]],
  ["---\nbase_model:\n- org/a\n- org/b\ntags:\n- merge\n---", ["org/a", "org/b"]],
  ["---\nbase_model: [org/a, org/b]\n---", ["org/a", "org/b"]],
  ["# base_model: org/a", []],
  ["---\ntags:\n- merge\n---\nbase_model: org/a", []],
])("reads the front matter %j", (card, parents) => {
  expect(cardParents(card)).toEqual(parents);
});
