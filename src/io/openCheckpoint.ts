/** From a path to a checkpoint whose headers have been read and checked. No weight is read. */
import { opendirSync, readdirSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { makeCheckpoint } from "../engine/format/checkpoint";
import type { Checkpoint, TensorRef } from "../engine/format/checkpoint";
import { parseTorchCheckpoint } from "../engine/format/pytorch/torchCheckpoint";
import { parseSafetensorsHeader } from "../engine/format/safetensorsHeader";
import { checkShards, parseSafetensorsIndex, type SafetensorsIndex } from "../engine/format/safetensorsIndex";
import type { TensorEntry } from "../engine/format/tensorEntry";
import { indexFormat, isModelWeights, weightsFormat, weightsOfFolder } from "../engine/format/weightsFiles";
import type { WeightsFormat } from "../engine/format/weightsFiles";
import type { ByteSource } from "../engine/io";
import { MergeError } from "../protocol/errors";
import { onFile } from "./fileErrors";
import { openFileSource } from "./fileSource";
import { FINGERPRINT_FILE } from "./partialFolder";

/**
 * Opens a file of safetensors or PyTorch, the index of a sharded checkpoint, or a folder with a whole model, with
 * shards and their index, or with exactly one other file of weights.
 * Throws `checkpoint-*`, `index-*`, `header-*`, `pytorch-*`, and what the file system refuses.
 */
export function openCheckpoint(path: string, onBrokenShard?: OnBrokenShard): Checkpoint {
  const absolute = resolve(path);
  const stats = statOf(absolute);
  if (!stats) throw new MergeError("checkpoint-missing", { where: path });
  return stats.isDirectory() ? openFolder(absolute, onBrokenShard) : openFile(absolute, onBrokenShard);
}

/** Takes what is wrong with one shard, and the names of its tensors: the checkpoint is opened without them. */
export type OnBrokenShard = (error: MergeError, tensors: readonly string[]) => void;

/**
 * Whether the path is a file of weights, or a folder that directly holds model weights.
 * Looks at names only and stops at the first; false where nothing can be read.
 */
export function looksLikeCheckpoint(path: string): boolean {
  try {
    if (!statSync(path).isDirectory()) return isModelWeights(basename(path)) && statSync(path).isFile();
    const folder = opendirSync(path);
    try {
      for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
        if (isModelWeights(entry.name)) return true;
      }
      return false;
    } finally {
      folder.closeSync();
    }
  } catch {
    return false;
  }
}

function openFile(path: string, onBrokenShard?: OnBrokenShard): Checkpoint {
  const name = basename(path);
  const shards = indexFormat(name);
  if (shards) return openShards(dirname(path), name, path, shards, onBrokenShard);
  const format = weightsFormat(name);
  if (format) return openSingle(path, path, format);
  throw new MergeError("checkpoint-unknown-file", { where: path });
}

function openFolder(folder: string, onBrokenShard?: OnBrokenShard): Checkpoint {
  const names = onFile(folder, () => readdirSync(folder)).sort();
  if (names.includes(FINGERPRINT_FILE)) throw new MergeError("checkpoint-unfinished", { where: folder });
  const weights = weightsOfFolder(names);
  switch (weights.kind) {
    case "file":
      return openSingle(join(folder, weights.name), folder, weights.format);
    case "index":
      return openShards(folder, weights.name, folder, weights.format, onBrokenShard);
    case "adapter":
      throw new MergeError("checkpoint-peft", { where: folder });
    case "several":
      throw ambiguous(folder, weights.names);
    case "none":
      throw new MergeError("checkpoint-not-found", { where: folder });
  }
}

/** Files that an error names; the rest are counted. */
const MAX_LISTED_FILES = 10;

function ambiguous(folder: string, names: readonly string[]): MergeError {
  const rest = names.length - MAX_LISTED_FILES;
  const files = names.slice(0, MAX_LISTED_FILES).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
  return new MergeError("checkpoint-ambiguous", { where: folder, files });
}

/** What a file says of its tensors. */
interface Header {
  tensors: TensorEntry[];
  metadata: Record<string, string>;
}

const READ_HEADER: Readonly<Record<WeightsFormat, (source: ByteSource, isShard: boolean) => Header>> = {
  safetensors: parseSafetensorsHeader,
  // A shard's names are those of its index.
  pytorch: (source, isShard) => ({
    tensors: parseTorchCheckpoint(source, isShard ? "as-they-are" : "unwrap"),
    metadata: {},
  }),
};

const SHARD_EXTENSION: Readonly<Record<WeightsFormat, string>> = { safetensors: ".safetensors", pytorch: ".bin" };

function openSingle(file: string, path: string, format: WeightsFormat): Checkpoint {
  const { tensors, metadata } = withSource(file, (source) => READ_HEADER[format](source, false));
  return makeCheckpoint({ path, name: nameOf(path), format, files: [file], metadata }, withFile(tensors, file));
}

function openShards(
  folder: string,
  indexName: string,
  path: string,
  format: WeightsFormat,
  onBrokenShard?: OnBrokenShard,
): Checkpoint {
  const indexPath = join(folder, indexName);
  const whole = withSource(indexPath, (source) => parseSafetensorsIndex(source, SHARD_EXTENSION[format]));
  const headers = new Map<string, Header>();
  for (const shard of whole.shards) {
    try {
      if (!statOf(join(folder, shard))) throw new MergeError("index-shard-missing", { where: indexPath, shard });
      headers.set(
        shard,
        withSource(join(folder, shard), (source) => READ_HEADER[format](source, true)),
      );
    } catch (error) {
      if (!onBrokenShard || !(error instanceof MergeError)) throw error;
      onBrokenShard(error, namesIn(whole, shard));
    }
  }
  const index = withShards(whole, headers);
  checkShards(indexPath, index, new Map([...headers].map(([shard, header]) => [shard, header.tensors])));
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const header of [...headers.values()].reverse()) Object.assign(metadata, header.metadata);
  const files = index.shards.map((shard) => join(folder, shard));
  const tensors = [...headers].flatMap(([shard, header]) => withFile(header.tensors, join(folder, shard)));
  return makeCheckpoint({ path, name: nameOf(path), format, files, metadata }, tensors);
}

const namesIn = ({ weightMap }: SafetensorsIndex, shard: string): string[] =>
  [...weightMap].flatMap(([name, file]) => (file === shard ? [name] : []));

/** The index without what stands in other files. */
function withShards(index: SafetensorsIndex, shards: ReadonlyMap<string, unknown>): SafetensorsIndex {
  if (shards.size === index.shards.length) return index;
  return {
    ...index,
    shards: index.shards.filter((shard) => shards.has(shard)),
    weightMap: new Map([...index.weightMap].filter(([, shard]) => shards.has(shard))),
  };
}

function withSource<T>(path: string, use: (source: ByteSource) => T): T {
  const source = openFileSource(path);
  try {
    return use(source);
  } finally {
    source.close();
  }
}

const withFile = (tensors: readonly TensorEntry[], file: string): TensorRef[] =>
  tensors.map((tensor) => ({ ...tensor, file }));

/** What is at the path, links followed; undefined where there is nothing. */
function statOf(path: string): Stats | undefined {
  return onFile(path, () => statSync(path, { throwIfNoEntry: false }));
}

const EXTENSION = /\.(?:(?:safetensors|bin)\.index\.json|safetensors|bin|pt|pth|ckpt)$/i;
/** Names that say nothing: then the folder's does. */
const USUAL_NAMES = ["model", "pytorch_model"];

/** Last part of the path without the extension; that of the folder where the file has no name of its own. */
function nameOf(path: string): string {
  const name = basename(path);
  const stem = name.replace(EXTENSION, "");
  return USUAL_NAMES.includes(stem) && stem !== name ? basename(dirname(path)) : stem;
}
