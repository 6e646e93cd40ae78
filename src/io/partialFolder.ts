/**
 * Where an output grows until it is complete: a hidden folder beside its final name, on the same file system,
 * so that one rename puts it in place.
 */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { MergeError } from "../protocol/errors";
import { fileError, onFile, systemCode } from "./fileErrors";

/** Who is writing. */
export const LOCK_FILE = ".ties-merge.lock";
/** What has been finished. */
export const JOURNAL_FILE = ".ties-merge.journal";
/** Of which inputs and recipe. Present as long as the output is not complete. */
export const FINGERPRINT_FILE = ".ties-merge.fingerprint";

/** Whether a file of the partial folder is the transaction's, not the output's. */
export const isInternalFile = (name: string): boolean =>
  [LOCK_FILE, JOURNAL_FILE, FINGERPRINT_FILE].some((file) => name === file || name.startsWith(`${file}.`));

/** The folder in which the output at `out` grows. */
export const partialFolderOf = (out: string): string => join(dirname(out), `.${basename(out)}.ties-partial`);

/** Where the previous output waits, between the two renames of a swap. */
export const asideOf = (out: string): string => join(dirname(out), `.${basename(out)}.ties-old`);

/** Makes the partial folder and the parents it needs. A link or a file in its place is not followed or removed. */
export function makePartialFolder(folder: string): void {
  onFile(dirname(folder), () => mkdirSync(dirname(folder), { recursive: true }));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw fileError(error, folder);
    if (!lstatSync(folder).isDirectory()) throw new MergeError("output-foreign", { where: folder }, { cause: error });
  }
}

/** Removes everything in the folder but the lock. */
export function emptyPartialFolder(folder: string): void {
  for (const name of onFile(folder, () => readdirSync(folder))) {
    if (name !== LOCK_FILE) onFile(join(folder, name), () => rmSync(join(folder, name), { recursive: true }));
  }
}

/** Writes a file so that after a power cut it is there whole or not at all. */
export function writeFileDurably(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.new`;
  onFile(path, () => {
    const descriptor = openSync(temporary, "w");
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, bytes.length - done);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  });
}

/** Flushes a file's bytes to the disk. */
export function flushFile(path: string): void {
  onFile(path, () => {
    const descriptor = openSync(path, "r+");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Flushes the names in a folder to the disk. Windows and some network file systems have no such call. */
export function flushFolder(path: string): void {
  if (process.platform === "win32") return;
  onFile(path, () => {
    const descriptor = openSync(path, "r");
    try {
      fsyncSync(descriptor);
    } catch (error) {
      if (!["EINVAL", "ENOTSUP"].includes(systemCode(error) ?? "")) throw error;
    } finally {
      closeSync(descriptor);
    }
  });
}
