/** Room on the disk where something will be written. */
import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileError, systemCode } from "./fileErrors";

/** Bytes free to this user on the disk of `path`, or of its nearest parent that exists. */
export function freeBytes(path: string): number {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch (error) {
      if (!isMissing(error) || folder === dirname(folder)) throw fileError(error, folder);
    }
  }
}

const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "");
