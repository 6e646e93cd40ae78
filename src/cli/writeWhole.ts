/** Files that appear at their name only when they are complete. */
import { existsSync, statSync } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileError } from "../io/fileErrors";
import { MergeError } from "../protocol/errors";

/** Whether `path` may be written; asked before the work, so that nothing is computed in vain. Throws what is wrong. */
export function checkWritable(path: string, overwrite: boolean): void {
  const folder = dirname(path);
  if (!existsSync(folder)) throw new MergeError("file-missing", { where: folder });
  if (!existsSync(path) || isDevice(path)) return;
  if (statSync(path).isDirectory()) throw new MergeError("not-a-file", { where: path });
  if (!overwrite) throw new MergeError("file-exists", { where: path });
}

/** Writes a text under a temporary name, flushes it to disk and renames it. A device or pipe is written as it is. */
export async function writeWhole(path: string, text: string): Promise<void> {
  if (existsSync(path) && isDevice(path)) {
    await writeFile(path, text).catch((error: unknown) => Promise.reject(fileError(error, path)));
    return;
  }
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, path);
  }
}

function isDevice(path: string): boolean {
  const stats = statSync(path);
  return !stats.isFile() && !stats.isDirectory();
}
