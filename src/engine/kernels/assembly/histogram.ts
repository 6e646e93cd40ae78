/** Counts of the bits of |τ_t| in a window a model (merge/magnitudeWindow.ts), for selection. */
import { BF16_ID, E4M3_ID, E5M2_ID, F16_ID, LISTED, WHOLE } from "./codes";
import { baseOf, filledUp, modelDtype, modelOf } from "./chunk";
import { Decode } from "./decode";
import { INFINITY, BF16, E4M3, E5M2, F16, F32 } from "./dtypes";
import { Flag, Off, On } from "./flags";
import { magnitudeBits } from "./invariants";
import { BLOCK, MATCHES, WINDOWS } from "./memory";

const WINDOW_BYTES = 24;

/**
 * Model t is counted in `buckets` stretches of 2^shift magnitudes from `from` on, `end` behind the last; or they
 * are listed.
 * @param counts address of the buckets, then what lies above, then how many are listed; 0: the model is not counted.
 * @param way INSIDE, WHOLE or LISTED.
 */
export function setWindow(t: i32, counts: usize, from: i32, end: i32, shift: i32, buckets: i32, way: i32): void {
  const at: usize = WINDOWS + WINDOW_BYTES * t;
  store<usize>(at, counts);
  store<i32>(at, from, 4);
  store<i32>(at, end, 8);
  store<i32>(at, shift, 12);
  store<i32>(at, buckets, 16);
  store<i32>(at, way, 20);
}

/**
 * Adds `step` for every entry of every model to its counts.
 * @returns −1, or where some τ is not finite the end of its block, up to which everything was counted.
 */
export function countMagnitudes(count: i32, models: i32, step: i32): i32 {
  for (let start = 0; start < count; start += BLOCK) {
    const length = min(BLOCK, count - start);
    const base = baseOf(start, length);
    let bad = false;
    for (let t = 0; t < models; t++) {
      if (load<usize>(WINDOWS + WINDOW_BYTES * t) == 0) continue;
      bad = countBlock(t, modelOf(t, start, length), base, length, step) || bad;
    }
    if (bad) return start + length;
  }
  return -1;
}

/** How many entries of model t have a magnitude of exactly these bits, which are not 0; −1 where some are not finite. */
export function countEqual(count: i32, t: i32, bits: i32): i32 {
  let equal = 0;
  for (let start = 0; start < count; start += BLOCK) {
    const length = min(BLOCK, count - start);
    const base = baseOf(start, length);
    const found = equalIn(modelDtype(t), modelOf(t, start, length), base, filledUp(length), bits);
    if (found < 0) return -1;
    equal += found;
  }
  return equal;
}

/** @returns whether some τ is not finite. */
function countBlock(t: i32, from: usize, base: usize, length: i32, step: i32): bool {
  const dtype = modelDtype(t);
  const window: usize = WINDOWS + WINDOW_BYTES * t;
  const way = load<i32>(window, 20);
  if (dtype == BF16_ID) return countAs<BF16>(from, base, length, step, window, way);
  if (dtype == F16_ID) return countAs<F16>(from, base, length, step, window, way);
  if (dtype == E4M3_ID) return countAs<E4M3>(from, base, length, step, window, way);
  if (dtype == E5M2_ID) return countAs<E5M2>(from, base, length, step, window, way);
  return countAs<F32>(from, base, length, step, window, way);
}

function countAs<D>(from: usize, base: usize, length: i32, step: i32, window: usize, way: i32): bool {
  if (way == WHOLE) return countAll<D>(from, base, length, step, window);
  if (way == LISTED) return countInside<D, On>(from, base, length, step, window);
  return countInside<D, Off>(from, base, length, step, window);
}

function countAll<D>(from: usize, base: usize, length: i32, step: i32, window: usize): bool {
  const counts = load<usize>(window);
  const shift = load<i32>(window, 12);
  const filled = filledUp(length);
  const magnitudes = i32x4.splat(magnitudeBits);
  let largest = i32x4.splat(0);
  for (const end = base + 4 * filled; base < end; base += 16) {
    const magnitude = Magnitude.load4<D>(from, base, magnitudes);
    largest = i32x4.max_s(largest, magnitude);
    const buckets = i32x4.shr_u(magnitude, shift);
    addTo(counts, i32x4.extract_lane(buckets, 0), step);
    addTo(counts, i32x4.extract_lane(buckets, 1), step);
    addTo(counts, i32x4.extract_lane(buckets, 2), step);
    addTo(counts, i32x4.extract_lane(buckets, 3), step);
    from += 4 * sizeof<D>();
  }
  // What a block was filled up with is 0.
  addTo(counts, 0, step * (length - filled));
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(INFINITY)));
}

/** Few entries are inside: sixteen are compared at a time, and the matches are taken one by one. */
function countInside<D, Listed>(from: usize, base: usize, length: i32, step: i32, window: usize): bool {
  const counts = load<usize>(window);
  const begin = load<i32>(window, 4);
  // Zeros may be many: they are what is left in the end.
  const below = i32x4.splat(max(0, begin - 1));
  const last = i32x4.splat(load<i32>(window, 8) - 1);
  const shift = load<i32>(window, 12);
  const buckets = load<i32>(window, 16);
  let listed = Flag.isOn<Listed>() ? load<i32>(counts + 4 * buckets, 4) : 0;
  const magnitudes = i32x4.splat(magnitudeBits);
  let largest = i32x4.splat(0);
  let high = i32x4.splat(0);
  let above = i32x4.splat(0);
  for (const end = base + 4 * filledUp(length); base < end; base += 64) {
    const a = Magnitude.load4<D>(from, base, magnitudes);
    const b = Magnitude.load4<D>(from + 4 * sizeof<D>(), base + 16, magnitudes);
    const c = Magnitude.load4<D>(from + 8 * sizeof<D>(), base + 32, magnitudes);
    const d = Magnitude.load4<D>(from + 12 * sizeof<D>(), base + 48, magnitudes);
    largest = i32x4.max_s(largest, i32x4.max_s(i32x4.max_s(a, b), i32x4.max_s(c, d)));
    const aHigh = i32x4.gt_s(a, below);
    const bHigh = i32x4.gt_s(b, below);
    const cHigh = i32x4.gt_s(c, below);
    const dHigh = i32x4.gt_s(d, below);
    const aAbove = i32x4.gt_s(a, last);
    const bAbove = i32x4.gt_s(b, last);
    const cAbove = i32x4.gt_s(c, last);
    const dAbove = i32x4.gt_s(d, last);
    // A comparison that holds is −1.
    const highs = i16x8.add(i16x8.narrow_i32x4_s(aHigh, bHigh), i16x8.narrow_i32x4_s(cHigh, dHigh));
    const aboves = i16x8.add(i16x8.narrow_i32x4_s(aAbove, bAbove), i16x8.narrow_i32x4_s(cAbove, dAbove));
    high = i16x8.sub(high, highs);
    above = i16x8.sub(above, aboves);
    if (v128.any_true(v128.xor(highs, aboves))) {
      v128.store(MATCHES, a);
      v128.store(MATCHES, b, 16);
      v128.store(MATCHES, c, 32);
      v128.store(MATCHES, d, 48);
      let inside =
        i32x4.bitmask(v128.andnot(aHigh, aAbove)) |
        (i32x4.bitmask(v128.andnot(bHigh, bAbove)) << 4) |
        (i32x4.bitmask(v128.andnot(cHigh, cAbove)) << 8) |
        (i32x4.bitmask(v128.andnot(dHigh, dAbove)) << 12);
      while (inside != 0) {
        const magnitude = load<i32>(MATCHES + 4 * <usize>ctz(inside));
        inside &= inside - 1;
        if (Flag.isOn<Listed>()) {
          // Taking back needs no look at what is listed: the last ones go.
          if (step > 0 && listed < buckets) store<i32>(counts + 4 * listed, magnitude);
          listed += step;
        } else addTo(counts, (magnitude - begin) >>> shift, step);
      }
    }
    from += 16 * sizeof<D>();
  }
  addTo(counts, buckets, step * sumOf16(above));
  if (Flag.isOn<Listed>()) store<i32>(counts + 4 * buckets, listed, 4);
  else if (begin == 0) addTo(counts, 0, step * (length - sumOf16(high)));
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(INFINITY)));
}

/** Sum of eight 16-bit lanes, which a block of 512 entries does not overflow. */
function sumOf16(lanes: v128): i32 {
  const four = i32x4.extadd_pairwise_i16x8_s(lanes);
  return (
    i32x4.extract_lane(four, 0) +
    i32x4.extract_lane(four, 1) +
    i32x4.extract_lane(four, 2) +
    i32x4.extract_lane(four, 3)
  );
}

function equalIn(dtype: i32, from: usize, base: usize, count: i32, bits: i32): i32 {
  if (dtype == BF16_ID) return equalAs<BF16>(from, base, count, bits);
  if (dtype == F16_ID) return equalAs<F16>(from, base, count, bits);
  if (dtype == E4M3_ID) return equalAs<E4M3>(from, base, count, bits);
  if (dtype == E5M2_ID) return equalAs<E5M2>(from, base, count, bits);
  return equalAs<F32>(from, base, count, bits);
}

function equalAs<D>(from: usize, base: usize, count: i32, bits: i32): i32 {
  const wanted = i32x4.splat(bits);
  const magnitudes = i32x4.splat(magnitudeBits);
  let largest = i32x4.splat(0);
  let equal = 0;
  for (const end = base + 4 * count; base < end; base += 16) {
    const magnitude = Magnitude.load4<D>(from, base, magnitudes);
    largest = i32x4.max_s(largest, magnitude);
    equal += popcnt(i32x4.bitmask(i32x4.eq(magnitude, wanted)));
    from += 4 * sizeof<D>();
  }
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(INFINITY))) ? -1 : equal;
}

function addTo(counts: usize, bucket: i32, step: i32): void {
  const at = counts + 4 * bucket;
  store<i32>(at, load<i32>(at) + step);
}

class Magnitude {
  /** Bits of |τ| of four entries; `magnitudes` is a splat of invariants.ts. */
  @inline
  static load4<D>(from: usize, base: usize, magnitudes: v128): v128 {
    return v128.and(f32x4.sub(Decode.load4<D>(from), v128.load(base)), magnitudes);
  }
}
