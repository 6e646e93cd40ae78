/** Where the demo keeps what it makes. Git ignores the folder; deleting it starts the demo afresh. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT_FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const DEMO_FOLDER = join(PROJECT_FOLDER, ".demo");
export const CHECKPOINTS_FOLDER = join(DEMO_FOLDER, "checkpoints");
export const MERGED_FOLDER = join(DEMO_FOLDER, "merged");

/** Fills a new folder and puts it in place of `target` when it is complete: never half a checkpoint. */
export function replaceFolder(target: string, fill: (folder: string) => void): void {
  const work = newWorkFolder();
  const fresh = join(work, "new");
  mkdirSync(fresh);
  fill(fresh);
  mkdirSync(dirname(target), { recursive: true });
  // A folder cannot be renamed onto one that holds something.
  try {
    renameSync(target, join(work, "old"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  renameSync(fresh, target);
  rmSync(work, { recursive: true });
}

/** Writes a small file under another name and puts it in place when it is complete. */
export function replaceFile(target: string, content: string): void {
  const work = newWorkFolder();
  writeFileSync(join(work, "new"), content);
  mkdirSync(dirname(target), { recursive: true });
  renameSync(join(work, "new"), target);
  rmSync(work, { recursive: true });
}

/** Removes what an interrupted run left. */
export function removeWorkFolders(): void {
  rmSync(join(DEMO_FOLDER, "tmp"), { recursive: true, force: true });
}

function newWorkFolder(): string {
  mkdirSync(join(DEMO_FOLDER, "tmp"), { recursive: true });
  return mkdtempSync(join(DEMO_FOLDER, "tmp", "work-"));
}
