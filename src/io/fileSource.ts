/** A file as a ByteSource: read-only, at any position, and whatever its size. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { ByteSource } from "../engine/io";
import { MergeError } from "../protocol/errors";
import { fileError, onFile } from "./fileErrors";

/** Bytes asked of the system in one call; it takes no more than 2³¹ − 1. */
const MAX_READ_BYTES = 2 ** 30;

export interface FileSource extends ByteSource {
  /** The source must not be used afterwards; closing again does nothing. */
  close(): void;
}

/** Opens a file for reading. Throws `file-missing`, `file-no-permission`, `not-a-file`, … */
export function openFileSource(path: string): FileSource {
  // Before opening: opening a named pipe waits for a writer.
  if (!onFile(path, () => statSync(path)).isFile()) throw new MergeError("not-a-file", { where: path });
  const descriptor = onFile(path, () => openSync(path, "r"));
  let open = true;
  const close = (): void => {
    if (open) closeSync(descriptor);
    open = false;
  };
  try {
    const { size } = fstatSync(descriptor);
    return { name: path, size, read: (offset, target) => readFully(descriptor, path, offset, target), close };
  } catch (error) {
    close();
    throw fileError(error, path);
  }
}

/** Reads a whole small file. */
export function readWholeFile(path: string): Uint8Array {
  const source = openFileSource(path);
  try {
    const bytes = new Uint8Array(source.size);
    source.read(0, bytes);
    return bytes;
  } finally {
    source.close();
  }
}

function readFully(descriptor: number, path: string, offset: number, target: Uint8Array): void {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(MAX_READ_BYTES, target.length - done);
    const count = readOnce(descriptor, path, target, done, length, offset + done);
    if (count === 0) {
      const message = `the file ends at byte ${offset + done}, ${target.length - done} bytes too early`;
      throw new MergeError("read-failed", { where: path, message });
    }
    done += count;
  }
}

function readOnce(
  descriptor: number,
  path: string,
  target: Uint8Array,
  begin: number,
  length: number,
  position: number,
): number {
  try {
    return readSync(descriptor, target, begin, length, position);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new MergeError("read-failed", { where: path, message }, { cause: error });
  }
}
