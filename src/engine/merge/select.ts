/**
 * Exact selection of a magnitude by its rank, from counts alone: window after window narrows the range in which the
 * threshold lies, until a bucket is one value wide. The first window may be a guess: a wrong one costs a pass, never
 * the result.
 */
import {
  magnitudeOfBits,
  magnitudeOfDigits,
  WIDE_DIGITS,
  wholeWindow,
  wideWindow,
  END_OF_BITS,
  endOf,
  windowBetween,
  type ListWindow,
  type MagnitudeWindow,
  type NarrowWindow,
  type WideWindow,
} from "./magnitudeWindow";
import { KEEP_ALL, KEEP_NONE, type TrimRule } from "./trim";
import type { Values } from "./values";

/** Below this many entries, going through the buckets of large windows costs more than another pass. */
const FEW_ENTRIES = 1 << 15;
/** Bits of one digit of the magnitude, for few entries and for many. */
const FEW_BITS = 11;
const MANY_BITS = 16;

/** As the kernels counted, or summed over several of them. */
export type Counts = Uint32Array | Float64Array;

/** Rank from above of the threshold, 1-based; `inclusive` takes the largest that would go, `exact` the last that stays. */
export const rankOf = (elements: number, density: number, ties: "inclusive" | "exact"): number =>
  Math.floor(elements * density) + (ties === "exact" ? 0 : 1);

const digitBitsOf = (elements: number): number => (elements < FEW_ENTRIES ? FEW_BITS : MANY_BITS);

/** The window that a selection without a guess begins with: all magnitudes. */
export const firstWindow = (elements: number, wide: boolean): NarrowWindow | WideWindow =>
  wide ? wideWindow([]) : wholeWindow(31 - digitBitsOf(elements));

/** Finds one model's trim rule over n entries; feed it the counts of each window it asks for. */
export class Selection {
  private window: MagnitudeWindow | null;
  private readonly digitBits: number;
  private readonly rank: number;
  private settled: TrimRule | null = null;
  private found: { threshold: number; keep: number } | null = null;

  /**
   * @param elements n; @param density share to keep, 0 to 1.
   * @param guess window in which the threshold is thought to lie; float32 only.
   */
  constructor(
    private readonly elements: number,
    density: number,
    private readonly ties: "inclusive" | "exact",
    wide: boolean,
    guess: NarrowWindow | ListWindow | null = null,
  ) {
    this.digitBits = digitBitsOf(elements);
    this.window = guess && !wide ? guess : firstWindow(elements, wide);
    this.rank = rankOf(elements, density, ties);
    const keep = Math.floor(elements * density);
    if (keep >= elements) this.settled = KEEP_ALL;
    else if (ties === "exact" && keep === 0) this.settled = KEEP_NONE;
  }

  /** The window to count next, or null when the threshold is known. */
  nextWindow(): MagnitudeWindow | null {
    return this.settled || this.found ? null : this.window;
  }

  /** Takes the counts of the window that `nextWindow` asked for; `findLargest` is that of the kernels. */
  take(counts: Counts, findLargest: Largest = largest): void {
    if (this.window?.kind === "wide") this.takeDigit(this.window, counts);
    else if (this.window?.kind === "narrow") this.takeBuckets(this.window, counts);
    else if (this.window?.kind === "list") this.takeList(this.window, counts, findLargest);
  }

  private takeDigit(window: WideWindow, counts: Counts): void {
    const { bucket, rank, equal } = bucketOf(counts, window.buckets, this.rank);
    const prefix = [...window.prefix, bucket];
    if (prefix.length === WIDE_DIGITS) this.settle(magnitudeOfDigits(prefix), rank, equal);
    else this.window = wideWindow(prefix);
  }

  private takeBuckets(window: NarrowWindow, counts: Counts): void {
    if (this.lookAbove(window, counts)) return;
    const { bucket, rank, equal } = bucketOf(counts, window.buckets, this.rank);
    if (bucket < 0) this.lookBelow(window);
    else {
      const from = window.from + bucket * 2 ** window.shift;
      if (window.shift === 0) this.settle(magnitudeOfBits(from), rank, equal);
      else this.window = windowBetween(from, from + 2 ** window.shift, 2 ** this.digitBits);
    }
  }

  private takeList(window: ListWindow, counts: Counts, findLargest: Largest): void {
    if (this.lookAbove(window, counts)) return;
    const above = counts[window.buckets];
    const inside = counts[window.buckets + 1];
    const rank = this.rank - above;
    if (rank > inside) {
      // Only zeros are left of what lies below a window that begins at 0.
      if (window.from === 0) this.settle(0, rank - inside, this.elements - above - inside);
      else this.lookBelow(window);
    } else if (inside > window.buckets) this.window = windowBetween(window.from, window.end);
    else {
      const { value, larger, equal } = findLargest(counts, inside, rank, window);
      this.settle(magnitudeOfBits(value), rank - larger, equal);
    }
  }

  private lookAbove(window: NarrowWindow | ListWindow, counts: Counts): boolean {
    if (counts[window.buckets] < this.rank) return false;
    this.window = windowBetween(endOf(window), END_OF_BITS);
    return true;
  }

  private lookBelow({ from }: NarrowWindow | ListWindow): void {
    this.window = windowBetween(0, from);
  }

  /** @param keep how many of the `equal` entries of this magnitude stay. */
  private settle(threshold: number, keep: number, equal: number): void {
    if (this.ties === "inclusive" || keep === equal) this.settled = { threshold, tieEnd: Infinity };
    else this.found = { threshold, keep };
  }

  /** How many of the entries equal to the threshold stay, when that is not all of them; else null. */
  tiesToPlace(): { threshold: number; keep: number } | null {
    return this.found;
  }

  /** The rule; `tieEnd` as found when `tiesToPlace` asked for it. */
  rule(tieEnd = Infinity): TrimRule {
    return this.settled ?? { threshold: this.found?.threshold ?? Infinity, tieEnd };
  }
}

/** How many entries have exactly this magnitude. */
export function countEqual(values: Values, count: number, threshold: number): number {
  let equal = 0;
  for (let i = 0; i < count; i++) if (Math.abs(values[i]) === threshold) equal++;
  return equal;
}

/** Index behind the `keep`-th entry of exactly this magnitude (keep ≥ 1), or −1 when there are fewer. */
export function endOfEqual(values: Values, count: number, threshold: number, keep: number): number {
  let equal = 0;
  for (let i = 0; i < count; i++) if (Math.abs(values[i]) === threshold && ++equal === keep) return i + 1;
  return -1;
}

/** The bucket with the entry of a rank from above, or −1; the rank within the bucket, and how many are in it. */
function bucketOf(counts: Counts, buckets: number, rank: number): { bucket: number; rank: number; equal: number } {
  let above = counts[buckets];
  let bucket = buckets - 1;
  while (bucket >= 0 && above + counts[bucket] < rank) above += counts[bucket--];
  return { bucket, rank: rank - above, equal: counts[Math.max(0, bucket)] };
}

/** Bits that `largest` sorts by at a time. */
const SORT_BITS = 11;

/**
 * The value of a rank from above (1-based) among the first `inside` counts, which a window listed; how many are larger
 * and how many equal. Reorders the list.
 */
export type Largest = (
  counts: Counts,
  inside: number,
  rank: number,
  window: ListWindow,
) => { value: number; larger: number; equal: number };

export const largest: Largest = (counts, inside, rank, { from: least, end }) => {
  const values = counts.subarray(0, inside);
  let count = values.length;
  let larger = 0;
  let from = least;
  let span = end - least;
  while (span > 1) {
    const shift = Math.max(0, Math.ceil(Math.log2(span)) - SORT_BITS);
    const buckets = new Uint32Array((1 << SORT_BITS) + 1);
    for (let i = 0; i < count; i++) buckets[(values[i] - from) >>> shift]++;
    const { bucket, rank: inside } = bucketOf(buckets, 1 << SORT_BITS, rank - larger);
    larger = rank - inside;
    let left = 0;
    // Most of a bucket is often one value: bf16 checkpoints differ by few different amounts.
    let differing = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if ((value - from) >>> shift !== bucket) continue;
      values[left++] = value;
      differing |= value ^ values[0];
    }
    count = left;
    if (differing === 0) return { value: values[0], larger, equal: count };
    from += bucket * 2 ** shift;
    span = 2 ** shift;
  }
  return { value: from, larger, equal: count };
};
