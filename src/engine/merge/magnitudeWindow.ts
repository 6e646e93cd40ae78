/**
 * Counting magnitudes: the bits of |τ| as an integer order like |τ| itself. A window is a range of these integers
 * cut into buckets of equal width; what lies above it is counted as well, so that a rank from above can be looked
 * up. Counting needs no order of the entries and keeps none of them.
 */
import type { Values } from "./values";

/** Most buckets of one window. */
export const WINDOW_BUCKETS = 1 << 18;
/** Magnitudes of float32, NaN included, are below. */
export const END_OF_BITS = 2 ** 31;

/** Of magnitudes of float32: `buckets` stretches of 2^shift integers each, from the integer `from` on. */
export interface NarrowWindow {
  kind: "narrow";
  from: number;
  shift: number;
  buckets: number;
}

/**
 * Of magnitudes of float64: those whose `level` digits of most significance are `prefix`, by the next digit. There
 * are four, of 16 + 16 + 16 + 15 bits. A model with some F64 tensors counts its float32 task vectors as float64, too.
 */
export interface WideWindow {
  kind: "wide";
  level: number;
  prefix: number[];
  buckets: number;
}

/**
 * Of magnitudes of float32 from `from` to below `end`, one by one: the first `buckets` that are met, 0 left out.
 * Behind them in the counts stand what lies above and how many there are inside.
 */
export interface ListWindow {
  kind: "list";
  from: number;
  end: number;
  buckets: number;
}

export type MagnitudeWindow = NarrowWindow | WideWindow | ListWindow;

const WIDE_BUCKETS = 1 << 16;
export const WIDE_DIGITS = 4;

/** All magnitudes of float32, in buckets of 2^shift. */
export const wholeWindow = (shift: number): NarrowWindow => ({
  kind: "narrow",
  from: 0,
  shift,
  buckets: END_OF_BITS / 2 ** shift,
});

/** The magnitudes from integer `from` to below `end`, as finely as `maxBuckets` allow. */
export function windowBetween(from: number, end: number, maxBuckets = WINDOW_BUCKETS): NarrowWindow {
  let shift = 0;
  while ((end - from) / 2 ** shift > maxBuckets) shift++;
  return { kind: "narrow", from, shift, buckets: Math.ceil((end - from) / 2 ** shift) };
}

/** The same magnitudes one by one. */
export const listOf = (window: NarrowWindow): ListWindow => ({
  kind: "list",
  from: window.from,
  end: endOf(window),
  buckets: WINDOW_BUCKETS,
});

/** The integer behind the last of a window. */
export const endOf = (window: NarrowWindow | ListWindow): number =>
  window.kind === "list" ? window.end : Math.min(window.from + window.buckets * 2 ** window.shift, END_OF_BITS);

export const wideWindow = (prefix: number[]): WideWindow => ({
  kind: "wide",
  level: prefix.length,
  prefix,
  buckets: WIDE_BUCKETS,
});

/** Room for the counts of a window: its buckets, then what lies above; and the number inside where they are listed. */
export const countsLength = ({ kind, buckets }: MagnitudeWindow): number => buckets + (kind === "list" ? 2 : 1);

/** Makes `counts` those of nothing; a list needs no zeros. */
export const emptied = (counts: Uint32Array, { kind, buckets }: MagnitudeWindow): Uint32Array =>
  counts.fill(0, kind === "list" ? buckets : 0);

/** Adds the entries inside and above a window to `counts` (`countsLength` long). */
export function countMagnitudes(values: Values, count: number, window: MagnitudeWindow, counts: Uint32Array): void {
  if (window.kind === "wide") {
    const wide = values instanceof Float64Array ? values : Float64Array.from(values.subarray(0, count));
    countWide(wide, count, window, counts);
    return;
  }
  if (values instanceof Float64Array) throw new TypeError("a window of float32 for values of float64");
  if (window.kind === "list") listNarrow(values, count, window, counts);
  else countNarrow(values, count, window, counts);
}

function listNarrow(values: Float32Array, count: number, window: ListWindow, counts: Uint32Array): void {
  const { from, end, buckets } = window;
  const bits = new Uint32Array(values.buffer, values.byteOffset, count);
  for (let i = 0; i < count; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude >= end) counts[buckets]++;
    else if (magnitude >= from && magnitude > 0) {
      const inside = counts[buckets + 1]++;
      if (inside < buckets) counts[inside] = magnitude;
    }
  }
}

function countNarrow(values: Float32Array, count: number, window: NarrowWindow, counts: Uint32Array): void {
  const { from, shift, buckets } = window;
  const bits = new Uint32Array(values.buffer, values.byteOffset, count);
  for (let i = 0; i < count; i++) {
    const distance = (bits[i] & 0x7fffffff) - from;
    if (distance >= 0) counts[Math.min(distance >>> shift, buckets)]++;
  }
}

function countWide(values: Float64Array, count: number, window: WideWindow, counts: Uint32Array): void {
  const { level, prefix, buckets } = window;
  const bits = new Uint32Array(values.buffer, values.byteOffset, 2 * count);
  for (let i = 0; i < count; i++) {
    const high = bits[2 * i + 1] & 0x7fffffff;
    const low = bits[2 * i];
    const digits = [high >>> 15, ((high & 0x7fff) << 1) | (low >>> 31), (low >>> 15) & 0xffff, low & 0x7fff];
    const differs = prefix.findIndex((known, at) => digits[at] !== known);
    if (differs < 0) counts[digits[level]]++;
    else if (digits[differs] > prefix[differs]) counts[buckets]++;
  }
}

const float32 = new Float32Array(1);
const float32Bits = new Uint32Array(float32.buffer);

/** The float32 of these magnitude bits. */
export function magnitudeOfBits(bits: number): number {
  float32Bits[0] = bits;
  return float32[0];
}

/** The float64 whose digits are `prefix`, all of them. */
export function magnitudeOfDigits(prefix: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, (prefix[0] << 15) | (prefix[1] >>> 1));
  view.setUint32(4, ((prefix[1] & 1) << 31) | (prefix[2] << 15) | prefix[3]);
  return view.getFloat64(0);
}
