/** Where thresholds lie, guessed from a sample, so that one pass over all entries finds them exactly. */
import type { Kernels } from "../kernels/kernels";
import type { RawChunk } from "../kernels/rawChunk";
import {
  countsLength,
  listOf,
  WINDOW_BUCKETS,
  wholeWindow,
  windowBetween,
  type ListWindow,
  type NarrowWindow,
} from "./magnitudeWindow";
import { rankOf } from "./select";

/** Groups of a sample, which tell how much samples vary. */
export const SAMPLE_GROUPS = 16;
/** Smaller units are searched without a guess. */
export const GUESSED_ELEMENTS = 1 << 19;

/** Width of a window to either side, in standard errors: a miss costs a pass or two more, and should be rare. */
const STANDARD_ERRORS = 4.5;
/** The sample is sorted into buckets of 0.8 % of a magnitude. */
const SHIFT = 16;
/** How full a list is expected to be at most: more than fits costs a pass. */
const LIST_SHARE = 0.8;

/**
 * Windows in which the thresholds of `elements` entries probably lie.
 * @param groups the sample in SAMPLE_GROUPS parts, each from all over the entries: they differ by as much as samples
 * do, also where what lies together is alike.
 * @param lists whether windows with few entries in them may be listed.
 */
export function guessWindows(
  kernels: Kernels,
  groups: readonly (readonly RawChunk[])[],
  elements: number,
  densities: readonly number[],
  ties: "inclusive" | "exact",
  lists: boolean,
): (NarrowWindow | ListWindow)[] {
  const sampled = entriesOf(groups.flat());
  const whole = wholeWindow(SHIFT);
  const windows = densities.map(() => whole);
  const histograms = windows.map((window) => new Uint32Array(countsLength(window)));
  countChunks(kernels, groups.flat(), windows, histograms);
  const ranks = densities.map((density) => (rankOf(elements, density, ties) / elements) * sampled);
  const estimates = histograms.map((histogram, t) => bucketOfRank(histogram, ranks[t]));
  const errors = standardErrors(kernels, groups, estimates);
  return ranks.map((rank, t) => {
    const share = rank / sampled;
    const error = Math.max(errors[t], Math.sqrt(sampled * share * (1 - share)));
    const margin = STANDARD_ERRORS * error + 1;
    const last = rank - margin <= 0 ? histograms[t].length - 2 : bucketOfRank(histograms[t], rank - margin);
    const first = rank + margin >= sampled ? 0 : bucketOfRank(histograms[t], rank + margin);
    const window = windowBetween(first * 2 ** SHIFT, (last + 1) * 2 ** SHIFT);
    const inside = histograms[t].subarray(first, last + 1).reduce((sum, count) => sum + count, 0);
    return lists && (inside / sampled) * elements < LIST_SHARE * WINDOW_BUCKETS ? listOf(window) : window;
  });
}

/** Adds up in the memory of the kernels. */
function countChunks(
  kernels: Kernels,
  chunks: readonly RawChunk[],
  windows: readonly NarrowWindow[],
  into: readonly Uint32Array[],
): void {
  const counts = windows.map((window, t) => kernels.emptyCounts(t, window));
  for (const chunk of chunks) kernels.countMagnitudes(chunk, windows, "keep-base", counts);
  counts.forEach((own, t) => into[t].set(own));
}

/** The bucket that holds the entry of a rank from above. */
function bucketOfRank(counts: Uint32Array, rank: number): number {
  let bucket = counts.length - 2;
  let reached = counts[bucket];
  while (bucket > 0 && reached < rank) reached += counts[--bucket];
  return bucket;
}

/** Standard error of the number of sampled entries from each model's bucket upwards, from how the groups differ. */
function standardErrors(
  kernels: Kernels,
  groups: readonly (readonly RawChunk[])[],
  buckets: readonly number[],
): number[] {
  const windows = buckets.map((bucket) => windowBetween(bucket * 2 ** SHIFT, (bucket + 1) * 2 ** SHIFT, 1));
  const counts = windows.map((window) => new Uint32Array(countsLength(window)));
  const shares = groups.map((group) => {
    countChunks(kernels, group, windows, counts);
    return counts.map(([inside, above]) => (inside + above) / entriesOf(group));
  });
  const sampled = entriesOf(groups.flat());
  return buckets.map((_, t) => {
    const mean = shares.reduce((sum, share) => sum + share[t], 0) / shares.length;
    const squares = shares.reduce((sum, share) => sum + (share[t] - mean) ** 2, 0);
    return sampled * Math.sqrt(squares / (shares.length - 1) / shares.length);
  });
}

const entriesOf = (chunks: readonly RawChunk[]): number => chunks.reduce((sum, { count }) => sum + count, 0);
