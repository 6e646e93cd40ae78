/** The small files of a base folder that a merged model needs too: config, tokenizer, code, licence. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { onFile } from "./fileErrors";

/** No config or tokenizer is larger (the largest tokenizers published have about 35 MB); what is, is data. */
export const MAX_COMPANION_BYTES = 100_000_000;

/** A list of what goes along, not of what does not: a folder may hold anything. */
const COMPANIONS: readonly RegExp[] = [
  /\.json$/i, // config, generation_config, tokenizer, vocab, special tokens, preprocessor, chat_template, modules
  /\.(?:jinja|jinja2)$/i, // chat templates
  /\.(?:model|tiktoken|spm|bpe|vocab)$/i, // tokenizers
  /^(?:vocab|merges|.*tokens?|.*tokenizer).*\.txt$/i,
  /\.py$/i, // models with code of their own
  /^(?:licen[cs]e|copying|notice|use_policy|acceptable_use)/i,
];

/** What the list above would take and what belongs to the base's own files or to its training. */
const LEFT_BEHIND: readonly RegExp[] = [
  /\.index\.json$/i,
  /^adapter_config\.json$/i,
  /^(?:trainer_state|.*_results)\.json$/i,
  /\.(?:safetensors|bin|pt|pth|ckpt|gguf|h5|msgpack|onnx|npz)$/i,
];

/** Names of the companions in a folder, sorted. Links are followed: the Hub's cache consists of them. */
export function listCompanions(baseFolder: string): string[] {
  return onFile(baseFolder, () => readdirSync(baseFolder))
    .filter((name) => !name.startsWith(".") && matches(COMPANIONS, name) && !matches(LEFT_BEHIND, name))
    .filter((name) => isSmallFile(join(baseFolder, name)))
    .sort();
}

const matches = (patterns: readonly RegExp[], name: string): boolean => patterns.some((pattern) => pattern.test(name));

function isSmallFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isFile() && stats.size <= MAX_COMPANION_BYTES;
}
