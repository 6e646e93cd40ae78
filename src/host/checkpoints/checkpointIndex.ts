/** The checkpoints of the workspace, kept up to date, and the context keys that show the explorer's menu items there. */
import * as vscode from "vscode";
import { findInFiles, type FoundCheckpoint } from "./findInFiles";

/** Enough for any workspace of checkpoints; a data set of ten thousand embeddings must not slow the search down. */
const MAX_FILES = 2_000;
/** A checkpoint arrives as several files, and a merge renames a folder: one search for all of it. */
const REFRESH_DELAY_MS = 500;

/** `.bin` is the extension of anything: only the usual names of PyTorch's. */
const FILES =
  "**/{*.safetensors,*.safetensors.index.json,*.pt,*.pth,*.ckpt,*pytorch_model*.bin,pytorch_model.bin.index.json,adapter_model.bin}";
const MAY_MATTER = /\.(safetensors|bin|pt|pth|ckpt)(\.index\.json)?$/;
const EXCLUDED = "**/{node_modules,.git,.venv,.*.ties-partial}/**";
const IGNORED_CHANGE = /[\\/](node_modules|\.git|\.venv)([\\/]|$)/;

export class CheckpointIndex implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private checkpoints: readonly FoundCheckpoint[] = [];
  private timer: NodeJS.Timeout | undefined;
  private searching: Promise<void> = Promise.resolve();

  constructor(private readonly log: vscode.LogOutputChannel) {
    const refresh = (): void => this.refreshSoon();
    // A folder that is moved or renamed brings no event for the files in it, hence also the folders themselves.
    const watcher = vscode.workspace.createFileSystemWatcher("**/*", false, true, false);
    const changed = (uri: vscode.Uri): void => {
      if (!IGNORED_CHANGE.test(uri.fsPath)) void this.refreshIfRelevant(uri);
    };
    this.disposables.push(
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    );
    this.searching = this.search();
  }

  /** The checkpoints known now, sorted by path; waits for a search that is under way. */
  async list(): Promise<readonly FoundCheckpoint[]> {
    if (this.timer) this.refreshNow();
    await this.searching;
    return this.checkpoints;
  }

  /** Something was written that file events may not tell of. */
  refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refreshNow(), REFRESH_DELAY_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private refreshNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.searching = this.searching.then(() => this.search());
  }

  private async refreshIfRelevant(uri: vscode.Uri): Promise<void> {
    if (MAY_MATTER.test(uri.path) || (await isFolder(uri))) this.refreshSoon();
  }

  private async search(): Promise<void> {
    try {
      const uris = await vscode.workspace.findFiles(FILES, EXCLUDED, MAX_FILES);
      if (uris.length === MAX_FILES) {
        this.log.warn(`More than ${MAX_FILES} files of weights: checkpoints beyond them are reached with Browse.`);
      }
      this.checkpoints = findInFiles(uris.map((uri) => uri.fsPath));
      const folders = this.checkpoints.filter(({ kind }) => kind === "folder").map(({ path }) => path);
      // The menu compares with the platform's path on a local disk, with the URI's path on a remote one.
      const keys = folders.flatMap((folder) => [folder, vscode.Uri.file(folder).path]);
      await vscode.commands.executeCommand(
        "setContext",
        "tiesMerge.checkpointFolders",
        Object.fromEntries(keys.map((key) => [key, true])),
      );
      this.log.debug(`${this.checkpoints.length} checkpoints in the workspace`);
    } catch (error) {
      this.log.error(`The search for checkpoints failed: ${String(error)}`);
    }
  }
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).type === vscode.FileType.Directory;
  } catch {
    return false;
  }
}
