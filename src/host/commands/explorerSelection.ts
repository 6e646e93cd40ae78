/** The checkpoints that a command was called on in the explorer. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { isAdapterWeights, isShard, weightsFormat } from "../../engine/format/weightsFiles";
import { comparePaths, isCheckpointFolder, type FoundCheckpoint } from "../checkpoints/findInFiles";

/**
 * The arguments of an explorer command: the item under the pointer, and all selected items. None from the
 * palette. Undefined, after a message, when one of them is no checkpoint.
 */
export async function explorerSelection(uri: unknown, uris: unknown): Promise<FoundCheckpoint[] | undefined> {
  const given = (Array.isArray(uris) && uris.length > 0 ? uris : [uri]).filter((one) => one instanceof vscode.Uri);
  const checkpoints = new Map<string, FoundCheckpoint>();
  for (const { fsPath } of given) {
    const checkpoint = await checkpointAt(fsPath);
    if (!checkpoint) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t("{0} is not a checkpoint. Select folders that hold one, or files of weights.", basename(fsPath)),
      );
      return undefined;
    }
    checkpoints.set(checkpoint.path, checkpoint);
  }
  return [...checkpoints.values()].sort((a, b) => comparePaths(a.path, b.path));
}

/** A shard and an adapter's weights stand for their folder. */
async function checkpointAt(path: string): Promise<FoundCheckpoint | undefined> {
  const kind = await stat(path).then(
    (entry) => (entry.isDirectory() ? "folder" : "file"),
    () => undefined,
  );
  if (kind === "folder") return (await holdsCheckpoint(path)) ? { path, kind } : undefined;
  if (kind === undefined || weightsFormat(basename(path)) === undefined) return undefined;
  const folder = dirname(path);
  return (isShard(basename(path)) || isAdapterWeights(basename(path))) && (await holdsCheckpoint(folder))
    ? { path: folder, kind: "folder" }
    : { path, kind };
}

async function holdsCheckpoint(folder: string): Promise<boolean> {
  return readdir(folder).then(isCheckpointFolder, () => false);
}
