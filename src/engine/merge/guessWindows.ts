/** Where a threshold lies, guessed from a sample, so that one pass over all entries finds it exactly. */
import type { Kernels } from "../kernels/kernels";
import type { RawChunk } from "../kernels/rawChunk";
import { countsLength, wholeWindow, windowBetween, type NarrowWindow } from "./magnitudeWindow";
import { rankOf } from "./select";

/** Groups of a sample, which tell how much samples vary. */
export const SAMPLE_GROUPS = 16;

/** Entries of a sample from a tensor in memory. */
export const SAMPLE_ELEMENTS = 1 << 16;
/** Smaller tensors are searched without a guess. */
export const GUESSED_ELEMENTS = 1 << 19;

/** Width of a window to either side, in standard errors: a miss costs a pass or two more, and should be rare. */
const STANDARD_ERRORS = 4.5;
const SHIFT = 15;

/**
 * Windows in which the thresholds of `elements` entries probably lie.
 * @param groups the chunks of SAMPLE_GROUPS samples; entries that lie together are of one group, so that the groups
 * differ by as much as samples do.
 */
export function guessWindows(
  kernels: Kernels,
  groups: readonly (readonly RawChunk[])[],
  elements: number,
  densities: readonly number[],
  ties: "inclusive" | "exact",
): NarrowWindow[] {
  const sampled = groups.reduce((sum, group) => sum + entriesOf(group), 0);
  const whole = wholeWindow(SHIFT);
  const shared = densities.map((_, t) => kernels.emptyCounts(t, whole));
  const windows = densities.map(() => whole);
  for (const chunk of groups.flat()) kernels.countMagnitudes(chunk, windows, "keep-base", shared);
  const histograms = shared.map((counts) => counts.slice());
  const ranks = densities.map((density) => (rankOf(elements, density, ties) / elements) * sampled);
  const estimates = histograms.map((histogram, t) => bucketOfRank(histogram, ranks[t]));
  const errors = standardErrors(kernels, groups, estimates);
  return ranks.map((rank, t) => {
    const share = rank / sampled;
    const error = Math.max(errors[t], Math.sqrt(sampled * share * (1 - share)));
    const margin = STANDARD_ERRORS * error + 1;
    const last = rank - margin <= 0 ? histograms[t].length - 2 : bucketOfRank(histograms[t], rank - margin);
    const first = rank + margin >= sampled ? 0 : bucketOfRank(histograms[t], rank + margin);
    return windowBetween(first * 2 ** SHIFT, (last + 1) * 2 ** SHIFT);
  });
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
  const shares = groups.map((group) => {
    const counts = windows.map((window) => new Uint32Array(countsLength(window)));
    for (const chunk of group) kernels.countMagnitudes(chunk, windows, "keep-base", counts);
    return counts.map(([inside, above]) => (inside + above) / entriesOf(group));
  });
  const sampled = groups.reduce((sum, group) => sum + entriesOf(group), 0);
  return buckets.map((_, t) => {
    const mean = shares.reduce((sum, group) => sum + group[t], 0) / groups.length;
    const squares = shares.reduce((sum, group) => sum + (group[t] - mean) ** 2, 0);
    return sampled * Math.sqrt(squares / (groups.length - 1) / groups.length);
  });
}

const entriesOf = (group: readonly RawChunk[]): number => group.reduce((sum, { count }) => sum + count, 0);
