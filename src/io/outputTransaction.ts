/**
 * A complete output or nothing. Everything is written in a hidden folder beside the final name (partialFolder.ts);
 * `commit` flushes it and renames it into place. Whatever happens before that, the final name is as it was, and
 * what was finished is kept for `resume`.
 */
import { closeSync, ftruncateSync, openSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { MergeError } from "../protocol/errors";
import { fileError, onFile } from "./fileErrors";
import { readWholeFile } from "./fileSource";
import { Journal } from "./journal";
import { checkApartFromInputs, checkFree, isBareFile, isEmptyFolder, statOfName } from "./outputChecks";
import type { OutputPlace } from "./outputChecks";
import { takeLock } from "./outputLock";
import type { OutputLock } from "./outputLock";
import * as partial from "./partialFolder";

export interface OutputRequest extends OutputPlace {
  /** Go on from what an unfinished run of the same fingerprint left; where there is none, start anew. */
  resume: boolean;
  /** Says of which inputs and recipe the output is: equal only where an unfinished output may be continued. */
  fingerprint: string;
}

/**
 * Checks the output's place, takes its lock and opens its partial folder. Throws `output-*`, `resume-changed`,
 * and what the file system refuses; then nothing has changed but parent folders that were missing.
 */
export function beginOutput(request: OutputRequest): OutputTransaction {
  const place = { ...request, out: resolve(request.out) };
  checkApartFromInputs(place);
  if (!statOfName(partial.asideOf(place.out))) checkFree(place);
  const folder = partial.partialFolderOf(place.out);
  partial.makePartialFolder(folder);
  let lock: OutputLock | undefined;
  try {
    lock = takeLock(join(folder, partial.LOCK_FILE));
    finishSwap(place.out);
    checkFree(place);
    const resumed = openFingerprint(folder, place);
    return new OutputTransaction(place, folder, lock, resumed);
  } catch (error) {
    lock?.release();
    removeIfEmpty(folder);
    throw error;
  }
}

export class OutputTransaction {
  private readonly journal: Journal;
  private readonly written = new Set<string>();
  private readonly kept = new Set<string>();
  private open = true;

  /** Made by `beginOutput`. */
  constructor(
    private readonly place: OutputPlace,
    /** The partial folder. */
    readonly folder: string,
    private readonly lock: OutputLock,
    /** Whether an earlier run's work is continued. */
    readonly resumed: boolean,
  ) {
    this.journal = new Journal(join(folder, partial.JOURNAL_FILE));
  }

  /**
   * A file of `size` bytes to be filled by whoever opens it `r+`; its path. When resuming, a file of this size is
   * kept with its contents, any other is made anew, of zeros.
   */
  createFile(name: string, size: number): string {
    const path = this.pathOf(name);
    if (this.resumed && this.isWhole(path, size)) {
      this.kept.add(name);
      return path;
    }
    onFile(path, () => {
      const descriptor = openSync(path, "w");
      try {
        ftruncateSync(descriptor, size);
      } finally {
        closeSync(descriptor);
      }
    });
    return path;
  }

  /** Whether `createFile` found this file of an earlier run: only then does the journal speak of its contents. */
  isKept(name: string): boolean {
    return this.kept.has(name);
  }

  /** Writes a whole file that is made anew in every run. */
  writeSmallFile(name: string, bytes: Uint8Array): void {
    partial.writeFileDurably(this.pathOf(name), bytes);
  }

  /** Records of earlier runs, when resuming, in order. */
  readJournal(): unknown[] {
    return this.journal.read();
  }

  /**
   * Notes something finished. A record outlives the process, but after a power cut it may be there without the data
   * it speaks of: it should hold a checksum of them.
   */
  appendJournal(record: unknown): void {
    this.journal.append(record);
  }

  /**
   * Flushes everything to disk and puts the output in place; every other handle to its files must be closed by then.
   * On failure the final name is as it was, and `abandon` or `discard` is still to be called.
   * Gives the path of a replaced output that could not be removed, else null.
   */
  commit(): { leftover: string | null } {
    checkFree(this.place);
    for (const name of onFile(this.folder, () => readdirSync(this.folder))) {
      if (partial.isInternalFile(name)) continue;
      const path = join(this.folder, name);
      // A file of an earlier run that this one has no use for is no part of the output.
      if (this.written.has(name)) partial.flushFile(path);
      else onFile(path, () => rmSync(path, { recursive: true }));
    }
    this.journal.close();
    const leftover = isBareFile(this.place.out) ? this.placeFile() : this.placeFolder();
    this.lock.release();
    this.open = false;
    return { leftover };
  }

  /** Ends without an output and keeps what was finished for `resume`. After `commit` it does nothing. */
  abandon(): void {
    if (!this.open) return;
    this.open = false;
    this.journal.close();
    this.lock.release();
  }

  /** Ends without an output and removes what was written. After `commit` it does nothing. */
  discard(): void {
    if (!this.open) return;
    this.open = false;
    this.removePartialFolder();
  }

  private pathOf(name: string): string {
    const isPlain = name !== "" && basename(name) === name && name !== "." && name !== ".." && !/[\\:\0]/.test(name);
    if (!this.open || !isPlain || partial.isInternalFile(name)) throw new Error(`cannot write ${name}`);
    if (isBareFile(this.place.out) && name !== basename(this.place.out)) throw new Error(`${name} is not the output`);
    this.written.add(name);
    return join(this.folder, name);
  }

  private isWhole(path: string, size: number): boolean {
    const stats = statOfName(path);
    return stats !== undefined && stats.isFile() && stats.size === size;
  }

  /** One rename replaces a file or not; the partial folder, with the lock in it, goes afterwards. */
  private placeFile(): string | null {
    const { out } = this.place;
    partial.flushFolder(this.folder);
    onFile(out, () => renameSync(join(this.folder, basename(out)), out));
    partial.flushFolder(dirname(out));
    try {
      this.removePartialFolder();
      return null;
    } catch {
      return this.folder;
    }
  }

  /** The lock goes last: while it is there, nobody else begins in the folder. */
  private removePartialFolder(): void {
    this.journal.close();
    partial.emptyPartialFolder(this.folder);
    this.lock.release();
    removeIfEmpty(this.folder);
  }

  /** The lock is renamed with its folder: given back before, somebody else could begin in the finished folder. */
  private placeFolder(): string | null {
    const putInternalFilesBack = this.takeInternalFilesOut();
    try {
      swapIn(this.folder, this.place.out);
    } catch (error) {
      putInternalFilesBack();
      throw error;
    }
    this.lock.release(join(this.place.out, partial.LOCK_FILE));
    return removeOrName(partial.asideOf(this.place.out));
  }

  /** Leaves only the output's own files and the lock; gives what makes the folder one to resume again. */
  private takeInternalFilesOut(): () => void {
    const paths = [partial.JOURNAL_FILE, partial.FINGERPRINT_FILE].map((name) => join(this.folder, name));
    const contents = paths.map((path) => readWholeFile(path));
    for (const path of paths) onFile(path, () => rmSync(path));
    partial.flushFolder(this.folder);
    return () => paths.forEach((path, i) => partial.writeFileDurably(path, contents[i]));
  }
}

/** Renames the finished folder to the final name. What stands there is put aside, and back where that fails. */
function swapIn(folder: string, out: string): void {
  const aside = partial.asideOf(out);
  const stats = statOfName(out);
  const replaces = stats !== undefined && !isEmptyFolder(out, stats);
  if (replaces) onFile(out, () => renameSync(out, aside));
  // Elsewhere a rename replaces an empty folder by itself.
  else if (stats && process.platform === "win32") onFile(out, () => rmdirSync(out));
  try {
    renameSync(folder, out);
  } catch (error) {
    if (replaces) onFile(aside, () => renameSync(aside, out));
    throw fileError(error, out);
  }
  partial.flushFolder(dirname(out));
}

/**
 * A process that died between the two renames of a swap left the previous output aside. Puts it back where its
 * place is empty; where the new one is in place, removes it.
 */
function finishSwap(out: string): void {
  const aside = partial.asideOf(out);
  if (!statOfName(aside)) return;
  if (statOfName(out)) onFile(aside, () => rmSync(aside, { recursive: true }));
  else onFile(aside, () => renameSync(aside, out));
}

/** Makes the partial folder that of this request; whether it continues an earlier run. */
function openFingerprint(folder: string, { resume, fingerprint }: OutputRequest): boolean {
  const path = join(folder, partial.FINGERPRINT_FILE);
  const found = resume && statOfName(path) ? new TextDecoder().decode(readWholeFile(path)) : undefined;
  if (found === fingerprint) return true;
  if (found !== undefined) throw new MergeError("resume-changed", { where: folder });
  partial.emptyPartialFolder(folder);
  partial.writeFileDurably(path, new TextEncoder().encode(fingerprint));
  return false;
}

/** Removes the path; where that fails, gives it back. The output is in place by then, so it is no failure. */
function removeOrName(path: string): string | null {
  try {
    rmSync(path, { recursive: true, force: true });
    return null;
  } catch {
    return path;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // not empty: an unfinished output, or that of somebody who has begun since
  }
}
