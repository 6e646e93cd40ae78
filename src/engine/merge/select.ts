/**
 * Exact selection of a magnitude by radix histograms: the bits of |τ| as an integer order like |τ| itself, so
 * the wanted rank is found digit by digit from counts, in any order of the entries and without keeping them.
 * float32 takes two digits (16 + 15 bits), float64 four (16 + 16 + 16 + 15).
 */
import { KEEP_ALL, KEEP_NONE, type TrimRule } from "./trim";
import type { Values } from "./values";

/** Buckets of one digit. */
export const RADIX = 1 << 16;

/** Which digit to count: `level` digits above it are known and equal to `prefix`. */
export interface RadixDigit {
  level: number;
  /** The digits above, most significant first. */
  prefix: number[];
  /** Digits of float64: a model with some F64 tensors counts its float32 task vectors as float64, too. */
  wide: boolean;
}

export const digitsOf = (wide: boolean): number => (wide ? 4 : 2);

/** Adds the entries whose higher digits are `digit.prefix` to `counts` (RADIX buckets), by this digit. */
export function countDigit(values: Values, count: number, digit: RadixDigit, counts: Uint32Array): void {
  if (values instanceof Float64Array) countDigit64(values, count, digit, counts);
  else if (digit.wide) countDigit64(Float64Array.from(values.subarray(0, count)), count, digit, counts);
  else countDigit32(values, count, digit, counts);
}

function countDigit32(values: Float32Array, count: number, { level, prefix }: RadixDigit, counts: Uint32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, count);
  if (level === 0) {
    for (let i = 0; i < count; i++) counts[(bits[i] & 0x7fffffff) >>> 15]++;
    return;
  }
  const high = prefix[0];
  for (let i = 0; i < count; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude >>> 15 === high) counts[magnitude & 0x7fff]++;
  }
}

function countDigit64(values: Float64Array, count: number, { level, prefix }: RadixDigit, counts: Uint32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, 2 * count);
  for (let i = 0; i < count; i++) {
    const high = bits[2 * i + 1] & 0x7fffffff;
    const low = bits[2 * i];
    const digits = [high >>> 15, ((high & 0x7fff) << 1) | (low >>> 31), (low >>> 15) & 0xffff, low & 0x7fff];
    if (prefix.every((known, at) => digits[at] === known)) counts[digits[level]]++;
  }
}

/** The magnitude whose digits are `prefix` (all of them). */
export function magnitudeOf(prefix: readonly number[], wide: boolean): number {
  const view = new DataView(new ArrayBuffer(8));
  if (!wide) {
    view.setUint32(0, (prefix[0] << 15) | prefix[1]);
    return view.getFloat32(0);
  }
  view.setUint32(0, (prefix[0] << 15) | (prefix[1] >>> 1));
  view.setUint32(4, ((prefix[1] & 1) << 31) | (prefix[2] << 15) | prefix[3]);
  return view.getFloat64(0);
}

/** Finds one model's trim rule over n entries, digit by digit; feed it the counts of each digit it asks for. */
export class Selection {
  private readonly prefix: number[] = [];
  /** 1-based rank from below of the threshold, among the entries that share the prefix. */
  private rank: number;
  private readonly keep: number;
  private equal = 0;
  private settled: TrimRule | null = null;

  /** @param elements n; @param density share to keep, 0 to 1. */
  constructor(
    elements: number,
    density: number,
    private readonly ties: "inclusive" | "exact",
    private readonly wide: boolean,
  ) {
    this.keep = Math.floor(elements * density);
    if (this.keep >= elements) this.settled = KEEP_ALL;
    else if (ties === "exact" && this.keep === 0) this.settled = KEEP_NONE;
    // `inclusive`: the (n − ⌊n·d⌋)-th smallest; `exact`: the smallest of the ⌊n·d⌋ that stay.
    this.rank = elements - this.keep + (ties === "exact" ? 1 : 0);
  }

  /** The digit to count next, or null when the threshold is known. */
  nextDigit(): RadixDigit | null {
    if (this.settled || this.prefix.length === digitsOf(this.wide)) return null;
    return { level: this.prefix.length, prefix: [...this.prefix], wide: this.wide };
  }

  /** Takes the counts of the digit that `nextDigit` asked for. */
  take(counts: ArrayLike<number>): void {
    let bucket = 0;
    let below = 0;
    while (bucket < RADIX - 1 && below + counts[bucket] < this.rank) below += counts[bucket++];
    this.prefix.push(bucket);
    this.rank -= below;
    this.equal = counts[bucket];
    if (this.prefix.length < digitsOf(this.wide)) return;
    const threshold = magnitudeOf(this.prefix, this.wide);
    if (this.ties === "inclusive" || this.rank === 1) this.settled = { threshold, tieEnd: Infinity };
  }

  /** How many of the entries equal to the threshold stay, when that is not all of them; else null. */
  tiesToPlace(): { threshold: number; keep: number } | null {
    if (this.settled) return null;
    return { threshold: magnitudeOf(this.prefix, this.wide), keep: this.equal - this.rank + 1 };
  }

  /** The rule; `tieEnd` as found by `placeTies` when `tiesToPlace` asked for it. */
  rule(tieEnd = Infinity): TrimRule {
    return this.settled ?? { threshold: magnitudeOf(this.prefix, this.wide), tieEnd };
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
