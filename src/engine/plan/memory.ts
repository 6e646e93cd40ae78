/** How much memory a run takes, decided before it starts. Bytes throughout. */
import { MergeError } from "../../protocol/errors";
import type { KernelsName } from "../kernels/chooseKernels";
import { CHUNK_ELEMENTS } from "../kernels/rawChunk";
import { WINDOW_BUCKETS } from "../merge/magnitudeWindow";

const MiB = 2 ** 20;
/** The process before any work: Node, the program, its own data (peak RSS of `ties-merge info`). */
const PROCESS_BYTES = 70 * MiB;
/** One worker thread before any work: its isolate, code and young generation. */
const WORKER_BYTES = 30 * MiB;
/** Headers and plan, for one tensor of one checkpoint; garbage that is not collected yet counts, too. */
const ENTRY_BYTES = 2300;

/** Statistics of one tensor until the report is written: its tally and its row, with a part a model and a part a pair. */
const statisticsBytes = (models: number): number => 3000 + 1500 * models + 200 * models * (models - 1);

/** Counts of a window, a model; and once more where they are summed. */
const countsBytes = (models: number): number => 2 * models * (WINDOW_BUCKETS + 2) * 4;
/** What the SIMD kernels hold besides: a sample or the inputs of a chunk, the output, the module. */
const SIMD_BYTES = 12 * MiB;
/** Their twin: decoded chunks in float64 (inputs, trimmed, weighted, and eight of its own), and a sample. */
export const plainBytes = (models: number): number => (3 * models + 8) * CHUNK_ELEMENTS * 8 + 8 * MiB;

export interface Workload {
  kernels: KernelsName;
  /** What the method needs in each worker beside the kernels. */
  methodBytes?: number;
  /** N */
  models: number;
  /** Tensors of all headers together. */
  headerEntries: number;
  /** Tensors that get statistics: none where there is no report. */
  reportedTensors: number;
  /** Bytes of adapters' factors that a worker keeps decoded. */
  factorBytes: number;
}

export interface MemoryPlan {
  threads: number;
  /** Estimated peak of the whole process. */
  estimate: number;
}

/**
 * The memory plan for a workload: fewer threads until it fits `limit`. No tensor is ever held whole.
 * Throws `memory-too-small` with what one thread needs.
 */
export function planMemory(
  { models, headerEntries, reportedTensors, factorBytes, kernels, methodBytes = 0 }: Workload,
  threads: number,
  limit: number,
): MemoryPlan {
  const fixed = PROCESS_BYTES + headerEntries * ENTRY_BYTES + reportedTensors * statisticsBytes(models);
  const perWorker =
    WORKER_BYTES +
    (kernels === "simd" ? SIMD_BYTES : plainBytes(models)) +
    countsBytes(models) +
    factorBytes +
    methodBytes;
  for (let workers = threads; workers >= 1; workers--) {
    const estimate = fixed + workers * perWorker;
    if (estimate <= limit) return { threads: workers, estimate };
  }
  throw new MergeError("memory-too-small", {
    where: `${Math.floor(limit / MiB)} MiB`,
    needed: Math.ceil((fixed + perWorker) / MiB),
  });
}
