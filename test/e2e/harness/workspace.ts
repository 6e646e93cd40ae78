/** A folder to open in the editor: checkpoints of a base and of fine-tunes, one that is broken, and none at all. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { writeRandomSet } from "../../fixtures/randomSet";

/** What `npm run demo` has trained, where it was run. */
const DEMO_CHECKPOINTS = resolve(".demo/checkpoints");

export interface Workspace {
  folder: string;
  base: string;
  /** Names of the fine-tunes' folders, sorted. */
  models: string[];
  path(name: string): string;
  remove(): void;
}

/** `base`, its fine-tunes, `broken` (its weights end too early) and `notes` (no checkpoint). */
export function createWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "ties-merge-workspace-"));
  if (existsSync(join(DEMO_CHECKPOINTS, "base/model.safetensors"))) copyCheckpoints(DEMO_CHECKPOINTS, folder);
  else writeRandomSet(folder, { models: ["task-a", "task-b", "task-c"], layers: 4, edge: 96 });
  const models = readdirSync(folder).filter((name) => name !== "base");

  mkdirSync(join(folder, "broken"));
  const whole = new Uint8Array(readFileSync(join(folder, "base/model.safetensors")));
  writeFileSync(join(folder, "broken/model.safetensors"), whole.subarray(0, whole.length - 100));
  mkdirSync(join(folder, "notes"));
  writeFileSync(join(folder, "notes/todo.txt"), "merge\n");
  return workspaceAt(folder, models);
}

/** A base and two fine-tunes of `megabytes` each: their merge takes long enough to be stopped. */
export function createLargeWorkspace(megabytes: number): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "ties-merge-workspace-"));
  const edge = 1024;
  const models = ["large-a", "large-b"];
  writeRandomSet(folder, { models, layers: Math.ceil((megabytes * 1e6) / (4 * edge * edge)), edge });
  // A merge on all processors may be over before anybody has seen it.
  mkdirSync(join(folder, ".vscode"));
  writeFileSync(join(folder, ".vscode", "settings.json"), JSON.stringify({ "tiesMerge.threads": 1 }));
  return workspaceAt(folder, models);
}

function copyCheckpoints(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    if (existsSync(join(from, name, "model.safetensors")))
      cpSync(join(from, name), join(to, basename(name)), { recursive: true });
  }
}

function workspaceAt(folder: string, models: string[]): Workspace {
  return {
    folder,
    base: join(folder, "base"),
    models,
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
