import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listCompanions, MAX_COMPANION_BYTES } from "../../src/io/companions";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const TAKEN = [
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "tokenizer.model",
  "vocab.json",
  "vocab.txt",
  "merges.txt",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
  "chat_template.json",
  "preprocessor_config.json",
  "processor_config.json",
  "modeling_custom.py",
  "qwen.tiktoken",
  "LICENSE",
  "LICENSE.txt",
  "LICENSE.md",
  "NOTICE",
  "spiece.model",
  "USE_POLICY.md",
];
const LEFT = [
  "model.safetensors",
  "model.safetensors.index.json",
  "pytorch_model.bin",
  "pytorch_model.bin.index.json",
  "m.gguf",
  "consolidated.00.pth",
  "README.md",
  ".gitattributes",
  ".config.json",
  "trainer_state.json",
  "eval_results.json",
  "training_args.bin",
  "optimizer.pt",
  "adapter_config.json",
  "events.log",
  "notes.txt",
  "ties_recipe.yml",
  "m.ckpt",
  "m.onnx",
];

describe("listCompanions", () => {
  it("takes config, tokenizer, code and licence; leaves weights, indexes, the model card and whatever else", () => {
    const folder = temporaryFolder();
    for (const name of [...TAKEN, ...LEFT]) writeFileSync(join(folder, name), "");
    expect(listCompanions(folder)).toEqual([...TAKEN].sort());
  });

  it("follows links, leaves folders, broken links and what is too large", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "blob"), "{}");
    symlinkSync("blob", join(folder, "config.json"));
    symlinkSync("nothing", join(folder, "tokenizer.json"));
    mkdirSync(join(folder, "folder.json"));
    writeFileSync(join(folder, "most.json"), "");
    truncateSync(join(folder, "most.json"), MAX_COMPANION_BYTES);
    writeFileSync(join(folder, "more.json"), "");
    truncateSync(join(folder, "more.json"), MAX_COMPANION_BYTES + 1);
    expect(listCompanions(folder)).toEqual(["config.json", "most.json"]);
  });

  it("fails on a folder that is not there", () => {
    expectCode("file-missing", () => listCompanions(join(temporaryFolder(), "none")));
  });
});
