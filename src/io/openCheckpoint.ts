/** From a path to a checkpoint whose headers have been read and checked. No weight is read. */
import { opendirSync, readdirSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { makeCheckpoint } from "../engine/format/checkpoint";
import type { Checkpoint, TensorRef } from "../engine/format/checkpoint";
import { parseSafetensorsHeader } from "../engine/format/safetensorsHeader";
import type { SafetensorsHeader } from "../engine/format/safetensorsHeader";
import { checkShards, INDEX_SUFFIX, parseSafetensorsIndex } from "../engine/format/safetensorsIndex";
import { MergeError } from "../protocol/errors";
import { onFile } from "./fileErrors";
import { openFileSource } from "./fileSource";
import { FINGERPRINT_FILE } from "./partialFolder";

const SAFETENSORS = ".safetensors";
const WHOLE_MODEL = "model.safetensors";
const PYTORCH_FILE = /\.(?:bin|pt|pth|ckpt)$/i;
const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/**
 * Opens a `.safetensors` file, the index of a sharded checkpoint, or a folder with `model.safetensors`, with shards
 * and their index, or with exactly one other `.safetensors` file.
 * Throws `checkpoint-*`, `index-*`, `header-*`, and what the file system refuses.
 */
export function openCheckpoint(path: string): Checkpoint {
  const absolute = resolve(path);
  const stats = statOf(absolute);
  if (!stats) throw new MergeError("checkpoint-missing", { where: path });
  return stats.isDirectory() ? openFolder(absolute) : openFile(absolute);
}

/**
 * Whether the path is a `.safetensors` file, or a folder that directly holds model weights as `.safetensors`.
 * Looks at names only and stops at the first; false where nothing can be read.
 */
export function looksLikeCheckpoint(path: string): boolean {
  try {
    if (!statSync(path).isDirectory()) return isWeightsName(basename(path)) && statSync(path).isFile();
    const folder = opendirSync(path);
    try {
      for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
        if (isWeightsName(entry.name)) return true;
      }
      return false;
    } finally {
      folder.closeSync();
    }
  } catch {
    return false;
  }
}

const isWeightsName = (name: string): boolean =>
  name.endsWith(SAFETENSORS) && name !== ADAPTER_WEIGHTS && !name.startsWith(".");

function openFile(path: string): Checkpoint {
  const name = basename(path);
  if (name.endsWith(INDEX_SUFFIX)) return openShards(dirname(path), name, path);
  if (PYTORCH_FILE.test(name)) throw new MergeError("checkpoint-pytorch", { where: path, file: name });
  if (name.endsWith(SAFETENSORS)) return openSingle(path, path);
  throw new MergeError("checkpoint-unknown-file", { where: path });
}

function openFolder(folder: string): Checkpoint {
  const names = onFile(folder, () => readdirSync(folder)).sort();
  if (names.includes(FINGERPRINT_FILE)) throw new MergeError("checkpoint-unfinished", { where: folder });
  if (names.includes(WHOLE_MODEL)) return openSingle(join(folder, WHOLE_MODEL), folder);
  const index = chooseIndex(folder, names);
  if (index) return openShards(folder, index, folder);
  if (names.includes("adapter_config.json") || names.includes(ADAPTER_WEIGHTS)) {
    throw new MergeError("checkpoint-peft", { where: folder });
  }
  const weights = names.filter(isWeightsName);
  if (weights.length > 1) throw ambiguous(folder, weights);
  if (weights.length === 1) return openSingle(join(folder, weights[0]), folder);
  const file = names.find((name) => PYTORCH_FILE.test(name));
  if (file) throw new MergeError("checkpoint-pytorch", { where: folder, file });
  throw new MergeError("checkpoint-not-found", { where: folder });
}

/** The index that stands for the whole model, or the only one. */
function chooseIndex(folder: string, names: readonly string[]): string | undefined {
  const indexes = names.filter((name) => name.endsWith(INDEX_SUFFIX) && !name.startsWith("."));
  const whole = `model${INDEX_SUFFIX}`;
  if (indexes.includes(whole)) return whole;
  if (indexes.length > 1) throw ambiguous(folder, indexes);
  return indexes[0];
}

/** Files that an error names; the rest are counted. */
const MAX_LISTED_FILES = 10;

function ambiguous(folder: string, names: readonly string[]): MergeError {
  const rest = names.length - MAX_LISTED_FILES;
  const files = names.slice(0, MAX_LISTED_FILES).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
  return new MergeError("checkpoint-ambiguous", { where: folder, files });
}

function openSingle(file: string, path: string): Checkpoint {
  const { tensors, metadata } = readHeader(file);
  const name = nameOf(path);
  return makeCheckpoint({ path, name, format: "safetensors", files: [file], metadata }, withFile(tensors, file));
}

function openShards(folder: string, indexName: string, path: string): Checkpoint {
  const indexPath = join(folder, indexName);
  const index = withSource(indexPath, parseSafetensorsIndex);
  const headers = new Map<string, SafetensorsHeader>();
  for (const shard of index.shards) {
    if (!statOf(join(folder, shard))) throw new MergeError("index-shard-missing", { where: indexPath, shard });
    headers.set(shard, readHeader(join(folder, shard)));
  }
  checkShards(indexPath, index, new Map([...headers].map(([shard, header]) => [shard, header.tensors])));
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const header of [...headers.values()].reverse()) Object.assign(metadata, header.metadata);
  const files = index.shards.map((shard) => join(folder, shard));
  const tensors = [...headers].flatMap(([shard, header]) => withFile(header.tensors, join(folder, shard)));
  return makeCheckpoint({ path, name: nameOf(path), format: "safetensors", files, metadata }, tensors);
}

const readHeader = (file: string): SafetensorsHeader => withSource(file, parseSafetensorsHeader);

function withSource<T>(path: string, use: (source: ReturnType<typeof openFileSource>) => T): T {
  const source = openFileSource(path);
  try {
    return use(source);
  } finally {
    source.close();
  }
}

const withFile = (tensors: SafetensorsHeader["tensors"], file: string): TensorRef[] =>
  tensors.map((tensor) => ({ ...tensor, file }));

/** What is at the path, links followed; undefined where there is nothing. */
function statOf(path: string): Stats | undefined {
  return onFile(path, () => statSync(path, { throwIfNoEntry: false }));
}

/** Last part of the path without the extension; that of the folder where the file has no name of its own. */
function nameOf(path: string): string {
  const name = basename(path);
  const stem = name.endsWith(INDEX_SUFFIX) ? name.slice(0, -INDEX_SUFFIX.length) : basename(name, SAFETENSORS);
  return stem === "model" && stem !== name ? basename(dirname(path)) : stem;
}
