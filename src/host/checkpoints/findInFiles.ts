/** Which checkpoints a list of file paths holds. No file is opened here. */
import { basename, dirname, join } from "node:path";

const WEIGHTS_SUFFIX = ".safetensors";
const INDEX_SUFFIX = ".safetensors.index.json";

/** Output of a merge that has not ended; never offered as an input. */
const PARTIAL_FOLDER = /^\..*\.ties-partial$/;
/** Weights of a PEFT adapter: a change to a model, not a model. */
const ADAPTER_WEIGHTS = "adapter_model.safetensors";
const SHARD = /-\d{5}-of-\d{5}\.safetensors$/i;

export interface FoundCheckpoint {
  path: string;
  kind: "folder" | "file";
}

/**
 * The checkpoints among absolute `paths` of `*.safetensors` and `*.safetensors.index.json` files: folders
 * that the engine opens as one, and the files of other folders. Sorted by path.
 */
export function findInFiles(paths: readonly string[]): FoundCheckpoint[] {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const folder = dirname(path);
    if (PARTIAL_FOLDER.test(basename(folder))) continue;
    const names = folders.get(folder);
    if (names) names.push(basename(path));
    else folders.set(folder, [basename(path)]);
  }
  const found = [...folders].flatMap(([folder, names]) => inFolder(folder, names));
  return found.sort((a, b) => comparePaths(a.path, b.path));
}

function inFolder(folder: string, names: readonly string[]): FoundCheckpoint[] {
  if (isCheckpointFolder(names)) return [{ path: folder, kind: "folder" }];
  const alone = names.filter((name) => isWeights(name) && !isShard(name));
  return alone.map((name) => ({ path: join(folder, name), kind: "file" as const }));
}

/** Whether files of these names make their folder a checkpoint: a whole model, shards with an index, or one lone file. */
export function isCheckpointFolder(names: readonly string[]): boolean {
  if (names.includes("model.safetensors")) return true;
  const weights = names.filter(isWeights);
  return weights.length === 1 || (weights.length > 1 && names.some((name) => name.endsWith(INDEX_SUFFIX)));
}

const isWeights = (name: string): boolean =>
  name.endsWith(WEIGHTS_SUFFIX) && !name.startsWith(".") && name !== ADAPTER_WEIGHTS;

/** `model-00001-of-00003.safetensors`: part of a checkpoint, not one by itself. */
export const isShard = (path: string): boolean => SHARD.test(basename(path));

const collator = new Intl.Collator("en", { numeric: true });

/** The order in which models stand in a merge set, however they were chosen: `model-2` before `model-10`. */
export const comparePaths = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
