/**
 * What a run shares with the workers on it: whether it is cancelled, and how far it is. Workers are busy inside a
 * job and read no messages, so both live in shared memory and are looked at between chunks.
 */
import { MergeError } from "../protocol/errors";
import type { RunState } from "./computeApi";

const CANCELLED = 0;
const PROGRESS = 1;

export const createRunState = (): RunState => new SharedArrayBuffer(16);

export function cancelRun(state: RunState): void {
  Atomics.store(new BigInt64Array(state), CANCELLED, 1n);
}

/** Throws `cancelled` when the run is; called between chunks. */
export function throwIfCancelled(state: RunState): void {
  if (Atomics.load(new BigInt64Array(state), CANCELLED) !== 0n) throw new MergeError("cancelled", { where: "" });
}

export function addProgress(state: RunState, amount: number): void {
  Atomics.add(new BigInt64Array(state), PROGRESS, BigInt(amount));
}

export const progressOf = (state: RunState): number => Number(Atomics.load(new BigInt64Array(state), PROGRESS));
