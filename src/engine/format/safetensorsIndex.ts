/** The index of a sharded checkpoint: which file holds which tensor. It is hostile until read, like a header. */
import { MergeError } from "../../protocol/errors";
import type { ByteSource } from "../io";
import { isJsonObject, JsonError, member, parseStrictJson } from "./strictJson";
import type { JsonValue } from "./strictJson";
import { compareNames, printableName, tensorBytes } from "./tensorEntry";
import type { TensorEntry, TensorSpec } from "./tensorEntry";

/** As many as a header, and for the same reason: the index is held in memory whole. */
export const MAX_INDEX_BYTES = 100_000_000;
/** Each shard is a file to open and a header to keep; the largest models published have a few hundred. */
export const MAX_SHARDS = 10_000;

export interface SafetensorsIndex {
  /** File name by tensor name. */
  weightMap: Map<string, string>;
  /** File names, each once, sorted. */
  shards: string[];
}

/**
 * Reads and checks an index of files with this extension; PyTorch's shards have an index of the same form.
 * Throws a MergeError whose code is the rule that is broken (`index-*`).
 */
export function parseSafetensorsIndex(source: ByteSource, extension = ".safetensors"): SafetensorsIndex {
  const where = source.name;
  const index = parseIndexJson(source);
  const map = isJsonObject(index) ? member(index, "weight_map") : undefined;
  if (!isJsonObject(map)) throw new MergeError("index-no-weight-map", { where });
  const weightMap = new Map<string, string>();
  const shards = new Set<string>();
  for (const [tensor, shard] of Object.entries(map)) {
    if (typeof shard !== "string") throw new MergeError("index-no-weight-map", { where });
    if (!shards.has(shard)) checkShardName(where, shard, extension);
    shards.add(shard);
    weightMap.set(tensor, shard);
  }
  // Else a folder of shards would pass for a model without any tensor.
  if (shards.size === 0) throw new MergeError("index-no-weight-map", { where });
  if (shards.size > MAX_SHARDS) {
    throw new MergeError("index-too-many-shards", { where, count: shards.size, limit: MAX_SHARDS });
  }
  return { weightMap, shards: [...shards].sort(compareNames) };
}

function parseIndexJson(source: ByteSource): JsonValue {
  const where = source.name;
  if (source.size > MAX_INDEX_BYTES) {
    throw new MergeError("index-too-large", { where, size: source.size, limit: MAX_INDEX_BYTES });
  }
  const bytes = new Uint8Array(source.size);
  source.read(0, bytes);
  try {
    return parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof JsonError && error.kind === "duplicate-key") {
      throw new MergeError("index-duplicate-key", { where, key: printableName(error.detail) });
    }
    const message = error instanceof JsonError ? error.detail : "not UTF-8";
    throw new MergeError("index-not-json", { where, message }, { cause: error });
  }
}

/** A shard lies beside its index: no separator of any system, no drive or stream (`:`), no NUL, nothing hidden. */
function checkShardName(where: string, shard: string, extension: string): void {
  if (/[/\\:\0]/.test(shard) || shard.startsWith(".") || !shard.endsWith(extension)) {
    throw new MergeError("index-bad-shard-name", { where, shard: printableName(shard), extension });
  }
}

/**
 * Checks that the shards hold exactly what the index says. `shards` gives the tensors of each file by file name.
 * Throws `index-tensor-twice`, `index-tensor-missing`, `index-tensor-unlisted`.
 */
export function checkShards(
  where: string,
  index: SafetensorsIndex,
  shards: ReadonlyMap<string, readonly TensorEntry[]>,
): void {
  const shardOfTensor = new Map<string, string>();
  const whereOf = (name: string): string => `${where}: ${printableName(name)}`;
  for (const [shard, tensors] of shards) {
    for (const { name } of tensors) {
      const first = shardOfTensor.get(name);
      if (first !== undefined)
        throw new MergeError("index-tensor-twice", { where: whereOf(name), first, second: shard });
      shardOfTensor.set(name, shard);
    }
  }
  for (const [name, shard] of index.weightMap) {
    if (shardOfTensor.get(name) !== shard)
      throw new MergeError("index-tensor-missing", { where: whereOf(name), shard });
  }
  for (const [name, shard] of shardOfTensor) {
    if (!index.weightMap.has(name)) throw new MergeError("index-tensor-unlisted", { where: whereOf(name), shard });
  }
}

export interface Shard<Tensor extends TensorSpec = TensorSpec> {
  /** Name of the file. */
  file: string;
  tensors: Tensor[];
  /** Bytes of the tensors. */
  bytes: number;
}

/**
 * Fills shards in the order given, each up to `shardSize` bytes of tensors; a larger tensor has a shard of its own.
 * One shard is `model.safetensors`, several are `model-00001-of-0000N.safetensors`.
 * Throws `index-too-many-shards`.
 */
export function splitIntoShards<Tensor extends TensorSpec>(
  tensors: readonly Tensor[],
  shardSize: number,
): Shard<Tensor>[] {
  const shards: Shard<Tensor>[] = [{ file: "", tensors: [], bytes: 0 }];
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    let shard = shards[shards.length - 1];
    if (shard.tensors.length > 0 && shard.bytes + bytes > shardSize) {
      shard = { file: "", tensors: [], bytes: 0 };
      shards.push(shard);
    }
    shard.tensors.push(tensor);
    shard.bytes += bytes;
  }
  if (shards.length > MAX_SHARDS) {
    throw new MergeError("index-too-many-shards", { where: "", count: shards.length, limit: MAX_SHARDS });
  }
  shards.forEach((shard, i) => (shard.file = shardName(i + 1, shards.length)));
  return shards;
}

function shardName(number: number, count: number): string {
  if (count === 1) return "model.safetensors";
  const digits = (value: number): string => String(value).padStart(5, "0");
  return `model-${digits(number)}-of-${digits(count)}.safetensors`;
}

/** The bytes of `model.safetensors.index.json` for these shards, tensors sorted by name. */
export function buildSafetensorsIndex(shards: readonly Shard[]): Uint8Array {
  const lines = shards
    .flatMap(({ file, tensors }) => tensors.map(({ name }) => ({ name, file })))
    .sort((a, b) => compareNames(a.name, b.name))
    .map(({ name, file }) => `    ${JSON.stringify(name)}: ${JSON.stringify(file)}`);
  const totalSize = shards.reduce((sum, { bytes }) => sum + bytes, 0);
  // By hand, as the header is: an object would move names such as "0" to its front.
  const map = lines.length > 0 ? `{\n${lines.join(",\n")}\n  }` : "{}";
  const json = `{\n  "metadata": {\n    "total_size": ${totalSize}\n  },\n  "weight_map": ${map}\n}\n`;
  return new TextEncoder().encode(json);
}
