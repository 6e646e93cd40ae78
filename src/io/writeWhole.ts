/** Files that appear at their name only when they are complete. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { onFile, wholeFileError } from "./fileErrors";
import { removeLeftovers, temporaryOf } from "./leftovers";
import { checkApartFromInputs } from "./outputChecks";
import { MergeError } from "../protocol/errors";

/**
 * Whether `path` may be written; asked before the work, so that nothing is computed in vain. Throws what is wrong:
 * even with `overwrite`, no file of an input is replaced.
 */
export function checkWritable(
  path: string,
  { overwrite, inputs }: { overwrite: boolean; inputs: readonly string[] },
): void {
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new MergeError("file-missing", { where: folder });
  if (existsSync(path) && isDevice(path)) return;
  onFile(folder, () => {
    accessSync(folder, constants.W_OK);
  });
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) throw new MergeError("not-a-file", { where: path });
  if (!overwrite) throw new MergeError("file-exists", { where: path });
  checkApartFromInputs({ out: path, overwrite, inputs });
}

/** A file's content, whole or in parts. */
type Content = Iterable<string> | AsyncIterable<string> | Uint8Array;

/** Writes under a temporary name, flushes to disk and renames. A device or pipe is written as it is. */
export async function writeWhole(path: string, parts: Content): Promise<void> {
  if (existsSync(path) && isDevice(path)) {
    await writeFile(path, parts).catch((error: unknown) => Promise.reject(wholeFileError(error, path)));
    return;
  }
  removeLeftovers(path);
  const temporary = temporaryOf(path);
  try {
    const file = await open(temporary, "wx");
    try {
      await writeFile(file, parts);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw wholeFileError(error, path);
  }
}

function isDevice(path: string): boolean {
  const stats = statSync(path);
  return !stats.isFile() && !stats.isDirectory();
}
