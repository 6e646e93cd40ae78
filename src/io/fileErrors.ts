/** Errors of the file system as errors that people can act on. */
import { MergeError } from "../protocol/errors";
import type { ErrorCode } from "../protocol/errorText";

const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ["ENOENT", "file-missing"],
  ["ENOTDIR", "file-missing"],
  ["EACCES", "file-no-permission"],
  ["EPERM", "file-no-permission"],
  ["EBUSY", "file-busy"],
  ["ETXTBSY", "file-busy"],
  ["ENOSPC", "disk-full"],
  ["EDQUOT", "disk-full"],
  ["EROFS", "disk-read-only"],
  ["EMFILE", "too-many-open-files"],
  ["ENFILE", "too-many-open-files"],
]);

/** The code of a file system error, such as `ENOENT`; undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** A failed call of the file system on `path` as a MergeError; one that already is a MergeError stays itself. */
export function fileError(error: unknown, path: string): MergeError {
  if (error instanceof MergeError) return error;
  const code = CODES.get(systemCode(error) ?? "") ?? "file-failed";
  const message = error instanceof Error ? error.message : String(error);
  return new MergeError(code, { where: path, message }, { cause: error });
}

/** The same of a file that is written whole or not at all: there is nothing to resume. */
export function wholeFileError(error: unknown, path: string): MergeError {
  const failure = fileError(error, path);
  return failure.code === "disk-full"
    ? new MergeError("disk-full-for-file", failure.details, { cause: error })
    : failure;
}

/** Runs a call of the file system on `path`; what it throws becomes a MergeError. */
export function onFile<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fileError(error, path);
  }
}
