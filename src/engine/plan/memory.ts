/** How much memory a run takes, decided before it starts. Bytes throughout. */
import { MergeError } from "../../protocol/errors";
import { MAX_RESIDENT_BYTES } from "../kernels/chunkReader";
import { CHUNK_ELEMENTS } from "../kernels/rawChunk";
import { WINDOW_BUCKETS } from "../merge/magnitudeWindow";

const MiB = 2 ** 20;
/** The process before any work: Node, the program, its own data (peak RSS of `ties-merge info`). */
const PROCESS_BYTES = 70 * MiB;
/** One worker thread before any work: its isolate, code and young generation. */
const WORKER_BYTES = 30 * MiB;
/** Headers and plan, for one tensor of one checkpoint; garbage that is not collected yet counts, too. */
const ENTRY_BYTES = 2000;

/** Statistics of one tensor until the report is written: its tally and its row, with a part a model and a part a pair. */
const statisticsBytes = (models: number): number => 3000 + 1500 * models + 200 * models * (models - 1);

export interface Workload {
  /** N */
  models: number;
  /** Tensors of all headers together. */
  headerEntries: number;
  /** Tensors that get statistics: none where there is no report. */
  reportedTensors: number;
  /** Inputs of the largest tensor, base and models together. */
  largestTensorBytes: number;
}

export interface MemoryPlan {
  threads: number;
  /** Inputs of one tensor that a worker may hold at once. */
  residentBytes: number;
  /** Estimated peak of the whole process. */
  estimate: number;
}

/**
 * The memory plan for a workload: fewer threads and smaller buffers until it fits `limit`.
 * Throws `memory-too-small` with what one thread needs.
 */
export function planMemory(
  { models, headerEntries, reportedTensors, largestTensorBytes }: Workload,
  threads: number,
  limit: number,
): MemoryPlan {
  const fixed = PROCESS_BYTES + headerEntries * ENTRY_BYTES + reportedTensors * statisticsBytes(models);
  // Decoded chunks in float64 (inputs, trimmed, weighted, and eight of the kernels' own), and histograms.
  const scratch = (3 * models + 8) * CHUNK_ELEMENTS * 8 + models * WINDOW_BUCKETS * 4;
  const perWorker = WORKER_BYTES + scratch;
  for (let workers = threads; workers >= 1; workers--) {
    const left = (limit - fixed) / workers - perWorker;
    if (left < 0) continue;
    const residentBytes = Math.floor(Math.min(MAX_RESIDENT_BYTES, left * 0.8));
    const held = Math.min(residentBytes, largestTensorBytes);
    return { threads: workers, residentBytes, estimate: fixed + workers * (perWorker + held) };
  }
  throw new MergeError("memory-too-small", {
    where: `${Math.floor(limit / MiB)} MiB`,
    needed: Math.ceil((fixed + perWorker) / MiB),
  });
}
