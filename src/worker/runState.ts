/**
 * What a run shares with the workers on it: whether it is cancelled, and how far it is; and what the runs in the
 * background share, whether they are held. Workers are busy inside a job and read no messages, so all of it lives in
 * shared memory and is looked at between chunks.
 */
import { MergeError } from "../protocol/errors";
import type { Gate, JobBase, RunState } from "./computeApi";

const CANCELLED = 0;
const PROGRESS = 1;

export const createRunState = (): RunState => new SharedArrayBuffer(16);

/** How often a worker at a closed gate looks whether its run is cancelled, in milliseconds. */
const LOOK_EVERY_MS = 50;

export const createGate = (): Gate => new SharedArrayBuffer(4);

export function closeGate(gate: Gate, closed: boolean): void {
  const words = new Int32Array(gate);
  Atomics.store(words, 0, closed ? 1 : 0);
  Atomics.notify(words, 0);
}

export function cancelRun(state: RunState): void {
  Atomics.store(new BigInt64Array(state), CANCELLED, 1n);
}

/** Between chunks, in a worker: waits at the run's gate, and throws `cancelled` when the run is. */
export function betweenChunks({ state, gate }: Pick<JobBase, "state" | "gate">): void {
  throwIfCancelled(state);
  if (!gate) return;
  const words = new Int32Array(gate);
  while (Atomics.load(words, 0) !== 0) {
    Atomics.wait(words, 0, 1, LOOK_EVERY_MS);
    throwIfCancelled(state);
  }
}

/** Throws `cancelled` when the run is. */
export function throwIfCancelled(state: RunState): void {
  if (Atomics.load(new BigInt64Array(state), CANCELLED) !== 0n) throw new MergeError("cancelled", { where: "" });
}

export function addProgress(state: RunState, amount: number): void {
  Atomics.add(new BigInt64Array(state), PROGRESS, BigInt(amount));
}

export const progressOf = (state: RunState): number => Number(Atomics.load(new BigInt64Array(state), PROGRESS));
