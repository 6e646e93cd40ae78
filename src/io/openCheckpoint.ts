/** From a path to a checkpoint whose headers have been read and checked. No weight is read. */
import { existsSync, opendirSync, readdirSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { makeCheckpoint } from "../engine/format/checkpoint";
import type { Checkpoint, TensorRef } from "../engine/format/checkpoint";
import { adaptModel } from "../engine/format/peft/adaptModel";
import { makeAdapter } from "../engine/format/peft/adapter";
import { parseAdapterConfig } from "../engine/format/peft/adapterConfig";
import { checkShards, parseSafetensorsIndex, type SafetensorsIndex } from "../engine/format/safetensorsIndex";
import { LikeTensors } from "../engine/format/likeTensors";
import type { TensorEntry } from "../engine/format/tensorEntry";
import {
  ADAPTER_CONFIG,
  adapterWeights,
  indexFormat,
  isAdapterWeights,
  isModelWeights,
  weightsFormat,
  weightsOfFolder,
} from "../engine/format/weightsFiles";
import type { WeightsFormat } from "../engine/format/weightsFiles";
import { modelReference } from "../engine/plan/modelReference";
import { untieForAdapter } from "../engine/plan/tiedAdapter";
import { MergeError } from "../protocol/errors";
import { onFile } from "./fileErrors";
import { FINGERPRINT_FILE } from "./partialFolder";
import { READ_HEADER, readHeader, withSource, type Header, type OnBrokenShard } from "./readHeader";
import { readModelConfig } from "./readModelConfig";
import { sameBytes } from "./sameBytes";

/**
 * Opens a file of safetensors or PyTorch, the index of a sharded checkpoint, a folder with a whole model, with
 * shards and their index, or with exactly one other file of weights, the folder of an adapter, or `MODEL+ADAPTER`.
 * Throws `adapter-*`, `checkpoint-*`, `index-*`, `header-*`, `pytorch-*`, and what the file system refuses.
 */
export function openCheckpoint(path: string, onBrokenShard?: OnBrokenShard): Checkpoint {
  const absolute = resolve(path);
  const stats = statOf(absolute);
  if (!stats) return openAdapted(path, onBrokenShard);
  return stats.isDirectory() ? openFolder(absolute, onBrokenShard) : openFile(absolute, onBrokenShard);
}

const holdsWeights = (name: string): boolean => isModelWeights(name) || isAdapterWeights(name);

/**
 * Whether the path is a file of weights, or a folder that directly holds the weights of a model or an adapter.
 * Looks at names only and stops at the first; false where nothing can be read.
 */
export function looksLikeCheckpoint(path: string): boolean {
  try {
    if (!statSync(path).isDirectory()) return holdsWeights(basename(path)) && statSync(path).isFile();
    const folder = opendirSync(path);
    try {
      for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
        if (holdsWeights(entry.name)) return true;
      }
      return false;
    } finally {
      folder.closeSync();
    }
  } catch {
    return false;
  }
}

/** `MODEL+ADAPTER`: the model's tensors, those that the adapter changes computed as they are read. */
function openAdapted(written: string, onBrokenShard?: OnBrokenShard): Checkpoint {
  const isThere = (part: string): boolean => statOf(resolve(part)) !== undefined;
  const { path, adapter } = modelReference(written, isThere);
  if (adapter === undefined) throw new MergeError("checkpoint-missing", { where: written });
  if (modelReference(adapter, isThere).adapter !== undefined)
    throw new MergeError("adapter-several", { where: written });
  const adapterCheckpoint = openCheckpoint(adapter);
  if (!adapterCheckpoint.adapter) throw new MergeError("adapter-not-adapter", { where: adapter });
  const base = openCheckpoint(path, onBrokenShard);
  if (base.adapter) throw new MergeError("adapter-as-base", { where: path });
  const tied = readModelConfig(base)?.tied;
  const parts = untieForAdapter(base, adapterCheckpoint.adapter, { tied, sameBytes });
  const adapted = adaptModel(parts.base, adapterCheckpoint, parts.adapter);
  return parts.untied ? { ...adapted, untied: true } : adapted;
}

/** Whether anything is at the path, or at both of `MODEL+ADAPTER`. */
export function checkpointExists(path: string): boolean {
  const { path: model, adapter } = modelReference(path, existsSync);
  return existsSync(model) && (adapter === undefined || existsSync(adapter));
}

/** Whether the path is the folder of an adapter; it may be a broken one. */
export function isAdapter(path: string): boolean {
  try {
    return weightsOfFolder(readdirSync(path)).kind === "adapter";
  } catch {
    return false;
  }
}

function openAdapter(folder: string, names: readonly string[]): Checkpoint {
  if (!names.includes(ADAPTER_CONFIG)) throw new MergeError("adapter-config-missing", { where: folder });
  const weights = adapterWeights(names);
  if (weights === undefined) throw new MergeError("adapter-weights-missing", { where: folder });
  const configFile = join(folder, ADAPTER_CONFIG);
  const config = withSource(configFile, parseAdapterConfig);
  const file = join(folder, weights.name);
  const { tensors, metadata } = withSource(file, (source) => READ_HEADER[weights.format](source, true));
  const checkpoint = makeCheckpoint(
    { path: folder, folder, name: nameOf(folder), format: "peft", files: [file, configFile], metadata },
    withFile(tensors, file),
  );
  return { ...checkpoint, adapter: makeAdapter(config, checkpoint) };
}

function openFile(path: string, onBrokenShard?: OnBrokenShard): Checkpoint {
  const name = basename(path);
  if (isAdapterWeights(name)) {
    const names = onFile(path, () => readdirSync(dirname(path)));
    if (names.includes(ADAPTER_CONFIG)) return openAdapter(dirname(path), names);
  }
  const shards = indexFormat(name);
  if (shards) return openShards(dirname(path), name, path, shards, onBrokenShard);
  const format = weightsFormat(name);
  if (format) return openSingle(path, path, format, onBrokenShard);
  throw new MergeError("checkpoint-unknown-file", { where: path });
}

function openFolder(folder: string, onBrokenShard?: OnBrokenShard): Checkpoint {
  const names = onFile(folder, () => readdirSync(folder)).sort();
  if (names.includes(FINGERPRINT_FILE)) throw new MergeError("checkpoint-unfinished", { where: folder });
  const weights = weightsOfFolder(names);
  switch (weights.kind) {
    case "file":
      return openSingle(join(folder, weights.name), folder, weights.format, onBrokenShard);
    case "index":
      return openShards(folder, weights.name, folder, weights.format, onBrokenShard);
    case "adapter":
      return openAdapter(folder, names);
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

const SHARD_EXTENSION: Readonly<Record<WeightsFormat, string>> = { safetensors: ".safetensors", pytorch: ".bin" };

function openSingle(file: string, path: string, format: WeightsFormat, onBroken?: OnBrokenShard): Checkpoint {
  const { tensors, metadata } = withSource(file, (source) => readHeader(format, source, false, onBroken));
  const parts = { path, folder: path, name: nameOf(path), format, files: [file], metadata };
  return withHeaders(parts, [tensors]);
}

/** By its first header, which equal files have one of, the first checkpoint with it, and all of its headers. */
const opened = new WeakMap<readonly TensorEntry[], { headers: readonly TensorEntry[][]; checkpoint: Checkpoint }>();

/** @param headers of the files. Of those that an earlier checkpoint had nothing is made again. */
function withHeaders(parts: Parameters<typeof makeCheckpoint>[0], headers: readonly TensorEntry[][]): Checkpoint {
  const { files } = parts;
  const [first] = headers;
  const known = first && opened.get(first);
  if (known?.headers.length === headers.length && known.headers.every((header, at) => header === headers[at])) {
    const { tensors, bytes, parameters } = known.checkpoint;
    const fileOf = new Map(known.checkpoint.files.map((file, at) => [file, files[at]]));
    const isSame = [...fileOf].every(([there, here]) => there === here);
    return { ...parts, tensors: isSame ? tensors : new LikeTensors(tensors, fileOf), bytes, parameters };
  }
  const checkpoint = makeCheckpoint(
    parts,
    headers.flatMap((tensors, at) => withFile(tensors, files[at])),
  );
  if (first) opened.set(first, { headers, checkpoint });
  return checkpoint;
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
  const lost = new Set<string>();
  const onCutOff: OnBrokenShard | undefined =
    onBrokenShard &&
    ((error, tensors) => {
      for (const name of tensors) lost.add(name);
      onBrokenShard(error, tensors);
    });
  for (const shard of whole.shards) {
    try {
      if (!statOf(join(folder, shard))) throw new MergeError("index-shard-missing", { where: indexPath, shard });
      headers.set(
        shard,
        withSource(join(folder, shard), (source) => readHeader(format, source, true, onCutOff)),
      );
    } catch (error) {
      if (!onBrokenShard || !(error instanceof MergeError)) throw error;
      onBrokenShard(error, namesIn(whole, shard));
    }
  }
  const index = withShards(whole, headers, lost);
  checkShards(indexPath, index, new Map([...headers].map(([shard, header]) => [shard, header.tensors])));
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const header of [...headers.values()].reverse()) Object.assign(metadata, header.metadata);
  const files = index.shards.map((shard) => join(folder, shard));
  return withHeaders(
    { path, folder: path, name: nameOf(path), format, files, metadata },
    [...headers.values()].map(({ tensors }) => tensors),
  );
}

const namesIn = ({ weightMap }: SafetensorsIndex, shard: string): string[] =>
  [...weightMap].flatMap(([name, file]) => (file === shard ? [name] : []));

/** The index without what stands in other files, and without what is lost. */
function withShards(
  index: SafetensorsIndex,
  shards: ReadonlyMap<string, unknown>,
  lost: ReadonlySet<string>,
): SafetensorsIndex {
  if (shards.size === index.shards.length && lost.size === 0) return index;
  return {
    ...index,
    shards: index.shards.filter((shard) => shards.has(shard)),
    weightMap: new Map([...index.weightMap].filter(([name, shard]) => shards.has(shard) && !lost.has(name))),
  };
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
