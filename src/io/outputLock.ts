/**
 * One writer at a time: a file that names the process. It outlives a process that is killed; the next one
 * sees that nobody of that number runs and takes over.
 */
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { MergeError } from "../protocol/errors";
import { fileError, onFile, systemCode } from "./fileErrors";
import { isRunning } from "./isRunning";

/** A lock that cannot be read is one that is just being written, or that was when its process died. */
const TORN_LOCK_MILLISECONDS = 10_000;
/** How far two readings of the same process's start may lie apart when the clock is set in between. */
const SAME_START_MILLISECONDS = 5_000;

interface LockOwner {
  pid: number;
  host: string;
  /** When the process started, in milliseconds: process ids are used again, in containers at once. */
  started: number;
}

export interface OutputLock {
  /** Gives the lock back; again does nothing. `at` is where its file is now, when its folder has been renamed. */
  release(at?: string): void;
}

/** Locks that this thread holds: certain, where the start of the own process is only likely. */
const heldHere = new Set<string>();

/** Takes the lock at `path`. Throws `output-locked` while another writer holds it. */
export function takeLock(path: string): OutputLock {
  const owner: LockOwner = { pid: process.pid, host: hostname(), started: processStart() };
  const text = JSON.stringify(owner);
  if (!createLock(path, text)) {
    removeStaleLock(path);
    if (!createLock(path, text)) throw lockedBy(path, readOwner(path));
  }
  heldHere.add(path);
  let held = true;
  return {
    release: (at = path) => {
      if (!held) return;
      held = false;
      heldHere.delete(path);
      rmSync(at, { force: true });
    },
  };
}

const processStart = (): number => Math.round(Date.now() - process.uptime() * 1000);

function createLock(path: string, text: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx");
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw fileError(error, path);
  }
  try {
    onFile(path, () => writeSync(descriptor, text));
  } finally {
    closeSync(descriptor);
  }
  return true;
}

function removeStaleLock(path: string): void {
  const owner = readOwner(path);
  if (heldHere.has(path) || (owner ? isAlive(owner) : !isOld(path))) throw lockedBy(path, owner);
  // Of two processes that see the same stale lock, one may already hold a new one: take it away only to look at it.
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw fileError(error, path);
  }
  const taken = readOwner(aside);
  if (JSON.stringify(taken) !== JSON.stringify(owner)) {
    onFile(path, () => linkSync(aside, path));
    rmSync(aside, { force: true });
    throw lockedBy(path, taken);
  }
  rmSync(aside, { force: true });
}

function readOwner(path: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, "utf8")) as Partial<LockOwner> | null;
    const { pid, host, started } = owner ?? {};
    if (!Number.isSafeInteger(pid) || typeof host !== "string" || typeof started !== "number") return undefined;
    return { pid: Number(pid), host, started };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, host, started }: LockOwner): boolean {
  if (host !== hostname()) return true; // nobody here can tell
  if (pid === process.pid) return Math.abs(started - processStart()) < SAME_START_MILLISECONDS;
  return isRunning(pid);
}

function isOld(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || Date.now() - stats.mtimeMs > TORN_LOCK_MILLISECONDS;
}

const lockedBy = (path: string, owner: LockOwner | undefined): MergeError =>
  new MergeError("output-locked", { where: path, pid: owner?.pid ?? "?", host: owner?.host ?? "?" });
