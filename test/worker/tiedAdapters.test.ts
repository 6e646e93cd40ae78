/** Adapters of a model whose head is its embedding, stored once: what PEFT's `merge_and_unload` makes of the two. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { readValues } from "../fixtures/readValues";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors, type FixtureTensors } from "../fixtures/writeCheckpoint";
import { op, pickle, tensorPickle, torchZip } from "../fixtures/writeTorch";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const [EMBEDDING, HEAD] = ["model.embed_tokens.weight", "lm_head.weight"];
const f32 = (shape: number[], values: number[]) => ({ dtype: "F32" as const, shape, values });
/** Three tokens of two features. */
const rows = (...values: number[]) => f32([3, 2], values);
const [ORIGINAL, TRAINED, OTHER] = [
  [1, 2, 3, 4, 5, 6],
  [2, 2, 3, 4, 5, 7],
  [0, 2, 3, 4, 5, 8],
];
/** ΔW = [1, 2, 3]ᵀ·[1, 10] of a head: rows are tokens. */
const FACTORS = (module: string): FixtureTensors => ({
  [`${module}.lora_A.weight`]: f32([1, 2], [1, 10]),
  [`${module}.lora_B.weight`]: f32([3, 1], [1, 2, 3]),
});
const CHANGED = [2, 12, 5, 24, 8, 36];

let count = 0;

/** A base that stores its embedding alone, and an adapter with these tensors of the model. */
function write(
  adapter: FixtureTensors,
  config: object = { tie_word_embeddings: true },
): { base: string; model: string } {
  const at = join(folder, String(count++));
  const [base, own] = [join(at, "base"), join(at, "adapter")];
  [base, own].forEach((path) => mkdirSync(path, { recursive: true }));
  writeSafetensors(join(base, "model.safetensors"), { [EMBEDDING]: rows(...ORIGINAL) });
  writeFileSync(join(base, "config.json"), JSON.stringify(config));
  const named = Object.entries(adapter).map(([name, tensor]) => [`base_model.model.${name}`, tensor] as const);
  writeSafetensors(join(own, "adapter_model.safetensors"), Object.fromEntries(named));
  writeFileSync(join(own, "adapter_config.json"), JSON.stringify({ peft_type: "LORA", r: 1, lora_alpha: 1 }));
  return { base, model: `${base}+${own}` };
}

async function merge(input: MergeSetInput): Promise<{ values: Record<string, number[]>; tied: unknown }> {
  const out = join(folder, String(count++));
  const output = { out, shardSize: 1e9, overwrite: false, resume: false };
  await engine.merge({ set: createMergeSet(input), output, statistics: false }, quietContext);
  const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as Record<string, unknown>;
  return { values: readValues(join(out, "model.safetensors")), tied: config["tie_word_embeddings"] };
}

const alone = (model: string): MergeSetInput => ({ method: "linear", models: [{ path: model }] });

describe("by itself", () => {
  it.each<[string, FixtureTensors, Record<string, number[]>, boolean]>([
    [
      "a head of its own leaves the embedding",
      { [HEAD]: rows(...TRAINED) },
      { [EMBEDDING]: ORIGINAL, [HEAD]: TRAINED },
      false,
    ],
    [
      "an embedding of its own leaves the head",
      { [EMBEDDING]: rows(...TRAINED) },
      { [EMBEDDING]: TRAINED, [HEAD]: ORIGINAL },
      false,
    ],
    [
      "both of their own",
      { [EMBEDDING]: rows(...TRAINED), [HEAD]: rows(...OTHER) },
      { [EMBEDDING]: TRAINED, [HEAD]: OTHER },
      false,
    ],
    [
      "both, trained as one, stay one",
      { [EMBEDDING]: rows(...TRAINED), [HEAD]: rows(...TRAINED) },
      { [EMBEDDING]: TRAINED },
      true,
    ],
    [
      "a head that was saved unchanged beside its factors",
      { ...FACTORS("lm_head"), "lm_head.base_layer.weight": rows(...ORIGINAL) },
      { [EMBEDDING]: CHANGED },
      true,
    ],
    ["factors of the head change both in place", FACTORS("lm_head"), { [EMBEDDING]: CHANGED }, true],
  ])("%s", async (_, adapter, values, tied) => {
    expect(await merge(alone(write(adapter).model))).toEqual({ values, tied });
  });

  it("refuses factors of both, which are one tensor", () => {
    const embedding: FixtureTensors = {
      "model.embed_tokens.lora_embedding_A": f32([1, 3], [1, 2, 3]),
      "model.embed_tokens.lora_embedding_B": f32([2, 1], [1, 10]),
    };
    const { model } = write({ ...FACTORS("lm_head"), ...embedding });
    expect(() => openCheckpoint(model)).toThrow("adapter-tied-twice");
  });

  it("refuses a head where the base says that it is none of its embedding", () => {
    const { model } = write({ [HEAD]: rows(...TRAINED) }, { tie_word_embeddings: false });
    expect(() => openCheckpoint(model)).toThrow("adapter-module-missing");
  });
});

it("merges with the base, whose head is its embedding", async () => {
  const { base, model } = write({ [HEAD]: rows(...TRAINED) }, { model_type: "gpt2" });
  expect(await merge({ method: "task_arithmetic", base, lambda: 2, models: [{ path: model }] })).toEqual({
    values: { [EMBEDDING]: ORIGINAL, [HEAD]: [3, 2, 3, 4, 5, 8] },
    tied: false,
  });
});

it("changes both names of a PyTorch file at once, in which they are one storage", async () => {
  const { base, model } = write(FACTORS("model.embed_tokens"));
  rmSync(join(base, "model.safetensors"));
  const tensor = tensorPickle({ elements: 6, shape: [3, 2], strides: [2, 1] });
  const storage = new Uint8Array(Float32Array.from(ORIGINAL).buffer);
  const state = op.dict(op.text(EMBEDDING), tensor, op.text(HEAD), tensor);
  writeFileSync(join(base, "pytorch_model.bin"), torchZip(pickle(state), { "0": storage }));
  expect(await merge(alone(model))).toEqual({ values: { [EMBEDDING]: CHANGED }, tied: true });
});
