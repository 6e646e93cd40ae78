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
  windowAbove,
  windowBelow,
  windowBetween,
  type MagnitudeWindow,
  type NarrowWindow,
} from "./magnitudeWindow";
import { KEEP_ALL, KEEP_NONE, type TrimRule } from "./trim";
import type { Values } from "./values";

/** Below this many entries, going through the buckets of large windows costs more than another pass. */
const FEW_ENTRIES = 1 << 15;
/** Bits of one digit of the magnitude, for few entries and for many. */
const FEW_BITS = 11;
const MANY_BITS = 16;

/** Rank from above of the threshold, 1-based; `inclusive` takes the largest that would go, `exact` the last that stays. */
export const rankOf = (elements: number, density: number, ties: "inclusive" | "exact"): number =>
  Math.floor(elements * density) + (ties === "exact" ? 0 : 1);

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
    elements: number,
    density: number,
    private readonly ties: "inclusive" | "exact",
    wide: boolean,
    guess: NarrowWindow | null = null,
  ) {
    this.digitBits = elements < FEW_ENTRIES ? FEW_BITS : MANY_BITS;
    this.window = wide ? wideWindow([]) : (guess ?? wholeWindow(31 - this.digitBits));
    this.rank = rankOf(elements, density, ties);
    const keep = Math.floor(elements * density);
    if (keep >= elements) this.settled = KEEP_ALL;
    else if (ties === "exact" && keep === 0) this.settled = KEEP_NONE;
  }

  /** The window to count next, or null when the threshold is known. */
  nextWindow(): MagnitudeWindow | null {
    return this.settled || this.found ? null : this.window;
  }

  /** Takes the counts of the window that `nextWindow` asked for. */
  take(counts: ArrayLike<number>): void {
    const { window } = this;
    if (!window) return;
    let above = counts[window.buckets];
    if (above >= this.rank && !window.wide) {
      this.window = windowAbove(window);
      return;
    }
    let bucket = window.buckets - 1;
    while (bucket >= 0 && above + counts[bucket] < this.rank) above += counts[bucket--];
    if (bucket < 0 && !window.wide) this.window = windowBelow(window);
    else this.narrow(window, Math.max(0, bucket), this.rank - above, counts[Math.max(0, bucket)]);
  }

  /** @param rank of the threshold from above among the `equal` entries of its bucket. */
  private narrow(window: MagnitudeWindow, bucket: number, rank: number, equal: number): void {
    if (window.wide) {
      const prefix = [...window.prefix, bucket];
      if (prefix.length === WIDE_DIGITS) this.settle(magnitudeOfDigits(prefix), rank, equal);
      else this.window = wideWindow(prefix);
      return;
    }
    const from = window.from + bucket * 2 ** window.shift;
    if (window.shift === 0) this.settle(magnitudeOfBits(from), rank, equal);
    else this.window = windowBetween(from, from + 2 ** window.shift, 2 ** this.digitBits);
  }

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
