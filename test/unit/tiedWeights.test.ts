/** Names under which architectures store one tensor. */
import { expect, it } from "vitest";
import { tiedName } from "../../src/engine/plan/tiedWeights";

const find = (name: string, ...stored: string[]): string | undefined =>
  tiedName(name, new Map(stored.map((other) => [other, null])));

it.each([
  ["lm_head.weight", "model.embed_tokens.weight"], // Llama, Mistral, Qwen, Gemma
  ["lm_head.weight", "transformer.wte.weight"], // GPT-2
  ["lm_head.weight", "transformer.word_embeddings.weight"], // Falcon, BLOOM
  ["lm_head.weight", "model.decoder.embed_tokens.weight"], // OPT
  ["embed_out.weight", "gpt_neox.embed_in.weight"], // GPT-NeoX
  ["cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"], // BERT
  ["cls.predictions.decoder.bias", "cls.predictions.bias"],
  ["lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight"], // RoBERTa
  ["lm_head.decoder.bias", "lm_head.bias"],
  ["encoder.embed_tokens.weight", "shared.weight"], // T5
  ["model.decoder.embed_tokens.weight", "model.shared.weight"], // BART
  ["proj_out.weight", "model.decoder.embed_tokens.weight"], // Whisper
  ["vocab_projector.weight", "distilbert.embeddings.word_embeddings.weight"], // DistilBERT
])("%s may be %s, and the other way round", (one, other) => {
  const others = ["model.layers.0.mlp.up_proj.weight", "model.embed_positions.weight", "lm_head.dense.weight"];
  expect(find(one, other, ...others)).toBe(other);
  expect(find(other, one, ...others)).toBe(one);
});

it("in a model of several parts is the one of the same part", () => {
  const parts = ["vision.model.embed_tokens.weight", "language.model.embed_tokens.weight"];
  expect(find("language.lm_head.weight", ...parts)).toBe("language.model.embed_tokens.weight");
});

it("is nothing for a layer, a position embedding or the head of a classifier", () => {
  const stored = ["model.embed_tokens.weight", "lm_head.weight"];
  for (const name of ["model.layers.0.mlp.up_proj.weight", "wpe.weight", "score.weight", "classifier.bias"]) {
    expect(find(name, ...stored)).toBeUndefined();
  }
});
