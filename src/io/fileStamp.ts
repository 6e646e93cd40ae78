/** What tells whether a file is still the one that was opened. */
import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { BigIntStats } from "node:fs";

/**
 * Size, time of the last writing, and time of the last change of any kind: a copy that keeps the first two (`cp -p`,
 * `rsync -t`) moves the third. Null: it is not there, or cannot be looked at.
 */
export type FileStamp = string | null;

const stampOf = ({ size, mtimeNs, ctimeNs }: BigIntStats): string => [size, mtimeNs, ctimeNs].join(" ");

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
