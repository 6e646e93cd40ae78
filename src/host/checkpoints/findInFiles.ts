/** Which checkpoints a list of file paths holds. No file is opened here. */
import { basename, dirname, join } from "node:path";
import { isModelWeights, isShard, isWholeModel, weightsOfFolder } from "../../engine/format/weightsFiles";

/** Output of a merge that has not ended; never offered as an input. */
const PARTIAL_FOLDER = /^\..*\.ties-partial$/;
export interface FoundCheckpoint {
  path: string;
  kind: "folder" | "file";
}

/**
 * The checkpoints among absolute `paths` of files with weights and of their indexes: folders that the engine opens
 * as one, and the files of other folders. Sorted by path.
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
  const weights = names.filter(isModelWeights);
  const found = weightsOfFolder(names);
  if (found.kind === "adapter") return [{ path: folder, kind: "folder" }];
  const standsAlone = found.kind === "file" && (isWholeModel(found.name) || isLoneSafetensors(weights));
  if (standsAlone || (found.kind === "index" && weights.length > 0)) return [{ path: folder, kind: "folder" }];
  return weights.filter((name) => !isShard(name)).map((name) => ({ path: join(folder, name), kind: "file" as const }));
}

/** PyTorch's files say more by their own name (`epoch=3.ckpt`) than by their folder's (`checkpoints`). */
const isLoneSafetensors = (weights: readonly string[]): boolean =>
  weights.length === 1 && weights[0].endsWith(".safetensors");

/** Whether files of these names make their folder a checkpoint: a model, shards with an index, one lone file, an adapter. */
export function isCheckpointFolder(names: readonly string[]): boolean {
  const { kind } = weightsOfFolder(names);
  return kind === "file" || kind === "adapter" || (kind === "index" && names.some(isModelWeights));
}

const collator = new Intl.Collator("en", { numeric: true });

/** The order in which models stand in a merge set, however they were chosen: `model-2` before `model-10`. */
export const comparePaths = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
