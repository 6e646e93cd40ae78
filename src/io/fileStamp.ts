/** What tells whether a file is still the one that was opened. */
import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { BigIntStats } from "node:fs";

/**
 * Size, time of the last writing, and time of the last change of any kind: a copy that keeps the first two (`cp -p`,
 * `rsync -t`) moves the third. Behind them whose it is, who may read it and how many names it has: changes of these
 * move the third, too. Null: it is not there, or cannot be looked at.
 */
export type FileStamp = string | null;

const stampOf = ({ size, mtimeNs, ctimeNs, mode, nlink, uid, gid }: BigIntStats): string =>
  [size, mtimeNs, ctimeNs, [mode, nlink, uid, gid].join(":")].join(" ");

/** Whether the file holds what it held, as far as stamps tell: `chmod`, `chown` and `ln` change nothing in it. */
export function isUnchanged(before: FileStamp, now: FileStamp): boolean {
  if (before === now) return true;
  if (before === null || now === null) return false;
  const [[size, written, touched, about], [newSize, newWritten, newTouched, newAbout]] = [before, now].map((stamp) =>
    stamp.split(" "),
  );
  return size === newSize && written === newWritten && (touched === newTouched || about !== newAbout);
}

export function fileStamp(path: string): FileStamp {
  try {
    return stampOf(statSync(path, { bigint: true }));
  } catch {
    return null;
  }
}

/** The same without waiting for a slow disk. */
export async function fileStampLater(path: string): Promise<FileStamp> {
  try {
    return stampOf(await stat(path, { bigint: true }));
  } catch {
    return null;
  }
}
