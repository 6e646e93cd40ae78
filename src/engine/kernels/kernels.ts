/**
 * What the engine computes on raw chunks, behind one interface so that a faster implementation can stand beside
 * the plain one and be held to the same bits.
 */
import type { FloatDtype, MergeSet } from "../../protocol/mergeSet";
import type { MagnitudeWindow } from "../merge/magnitudeWindow";
import type { Largest } from "../merge/select";
import type { TrimRule } from "../merge/trim";
import type { OctetCounts, OctetMarks } from "../stats/octets";
import type { Tally } from "../stats/tally";
import type { NonFinite, NonFinitePolicy, RawChunk } from "./rawChunk";

/** What the kernels know; every method comes down to one of these, with masks, weights or statistics of its own. */
export type KernelMethod = Extract<MergeSet["method"], "ties" | "linear" | "task_arithmetic">;

/** The part of a merge set that the arithmetic needs. */
export type MergeParameters = Pick<MergeSet, "lambda" | "rules" | "normalize" | "nonFinite"> & {
  method: KernelMethod;
  weights: number[];
  /**
   * SCE: the weights are shares, which do not vote and divide what they weigh; what their sum is taken for where it is
   * less. Undefined of all other methods.
   */
  leastDivisor?: number;
};

/** Rules that trimming found, one a model; `tieEnd` counts as the chunk's `start`. */
export interface TiesChunkRules {
  rules: TrimRule[];
  /** The sign for entries that cancel. */
  zeroSign: 1 | -1;
}

export interface RawOutput {
  dtype: FloatDtype;
  bytes: Uint8Array;
}

/** What became of one chunk. */
export interface ChunkOutcome {
  /** First NaN or ±Inf of an input under the policy `error`. */
  nonFinite: NonFinite | null;
  /** Entries that took the base's value under `keep-base`. */
  replaced: number;
  /** Those of them whose value is NaN or ±Inf in the base, too. */
  baseNonFinite: number;
  /** Index of the first entry whose result does not fit the output dtype, or −1. */
  overflow: number;
  /** Index of the first entry whose agreeing weights sum to nearly 0, or −1. */
  weightSum: number;
  /** Entries with γ > 0, γ < 0 and cancelled ones (TIES). */
  elected: { positive: number; negative: number; cancelled: number };
}

/** Of a chunk in which nothing is wrong, nothing replaced and nothing elected. */
export const NOTHING_FOUND: ChunkOutcome = {
  nonFinite: null,
  replaced: 0,
  baseNonFinite: 0,
  overflow: -1,
  weightSum: -1,
  elected: { positive: 0, negative: 0, cancelled: 0 },
};

export interface Kernels {
  readonly name: string;
  /** Counts of 0 for a window of one model, in the kernels' own memory: until the next call for this model. */
  emptyCounts(model: number, window: MagnitudeWindow): Uint32Array;
  /**
   * Adds the magnitudes of τ of every model that has a window to its counts (`countsLength` long each). Returns
   * where an input is not finite, under `error`.
   */
  countMagnitudes(
    chunk: RawChunk,
    windows: readonly (MagnitudeWindow | null)[],
    nonFinite: NonFinitePolicy,
    counts: readonly (Uint32Array | null)[],
  ): NonFinite | null;
  /** The magnitude (its bits) of a rank from above among those that a window listed. Reorders the list. */
  largest: Largest;
  /** How many entries of τ of one model have exactly this magnitude. */
  countEqual(chunk: RawChunk, model: number, threshold: number): number;
  /** Index behind the `keep`-th such entry. */
  endOfEqual(chunk: RawChunk, model: number, threshold: number, keep: number): number;
  /**
   * Merges one chunk by the method of `parameters` into `output` (null: none), and adds its interference
   * statistics to `tally` (null: none). `ties` is needed for TIES and for statistics.
   */
  merge(
    chunk: RawChunk,
    parameters: MergeParameters,
    ties: TiesChunkRules | null,
    output: RawOutput | null,
    tally: Tally | null,
  ): ChunkOutcome;
  /**
   * What pictures count, by eight entries: in the kernels' own memory, until the next call of anything. Entries that
   * are not finite count as unchanged.
   */
  countOctets(chunk: RawChunk, parameters: MergeParameters, ties: TiesChunkRules): OctetCounts;
  /** The same of single entries. */
  markOctets(chunk: RawChunk, parameters: MergeParameters, ties: TiesChunkRules): OctetMarks;
}
