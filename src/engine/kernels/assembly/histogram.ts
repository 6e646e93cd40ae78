/** Histograms of the bits of |τ_t| of one model, for selection (merge/select.ts). */
import { BF16_ID, F16_ID } from "./codes";
import { baseOf, filledUp, modelDtype, modelOf } from "./chunk";
import { Decode } from "./decode";
import { INFINITY, MAGNITUDE, BF16, F16, F32 } from "./dtypes";
import { BLOCK } from "./memory";

/** Bits of the second digit. */
const SECOND = 15;

/**
 * Adds `step` for every entry to the bucket of the first digit of its magnitude; or with a `prefix` ≥ 0, for those
 * whose first digit it is, to the bucket of the second.
 * @returns −1, or where some τ is not finite the end of its block, up to which everything was counted.
 */
export function countMagnitudes(count: i32, t: i32, prefix: i32, step: i32, counts: usize): i32 {
  for (let start = 0; start < count; start += BLOCK) {
    const length = min(BLOCK, count - start);
    const base = baseOf(start, length);
    const from = modelOf(t, start, length);
    const bad = countBlock(modelDtype(t), from, base, filledUp(length), prefix, step, counts);
    // What a block was filled up with is 0.
    if (prefix <= 0) addTo(counts, 0, step * (length - filledUp(length)));
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

function countBlock(dtype: i32, from: usize, base: usize, count: i32, prefix: i32, step: i32, counts: usize): bool {
  if (prefix < 0) {
    if (dtype == BF16_ID) return countFirst<BF16>(from, base, count, step, counts);
    if (dtype == F16_ID) return countFirst<F16>(from, base, count, step, counts);
    return countFirst<F32>(from, base, count, step, counts);
  }
  if (dtype == BF16_ID) return countSecond<BF16>(from, base, count, prefix, step, counts);
  if (dtype == F16_ID) return countSecond<F16>(from, base, count, prefix, step, counts);
  return countSecond<F32>(from, base, count, prefix, step, counts);
}

function countFirst<D>(from: usize, base: usize, count: i32, step: i32, counts: usize): bool {
  let largest = i32x4.splat(0);
  for (const end = base + 4 * count; base < end; base += 16) {
    const magnitude = Magnitude.load4<D>(from, base);
    largest = i32x4.max_s(largest, magnitude);
    const buckets = i32x4.shr_u(magnitude, SECOND);
    addTo(counts, i32x4.extract_lane(buckets, 0), step);
    addTo(counts, i32x4.extract_lane(buckets, 1), step);
    addTo(counts, i32x4.extract_lane(buckets, 2), step);
    addTo(counts, i32x4.extract_lane(buckets, 3), step);
    from += 4 * sizeof<D>();
  }
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(INFINITY)));
}

function countSecond<D>(from: usize, base: usize, count: i32, prefix: i32, step: i32, counts: usize): bool {
  const wanted = i32x4.splat(prefix);
  let largest = i32x4.splat(0);
  for (const end = base + 4 * count; base < end; base += 16) {
    const magnitude = Magnitude.load4<D>(from, base);
    largest = i32x4.max_s(largest, magnitude);
    const inside = i32x4.eq(i32x4.shr_u(magnitude, SECOND), wanted);
    if (v128.any_true(inside)) {
      const lanes = i32x4.bitmask(inside);
      if (lanes & 1) addTo(counts, i32x4.extract_lane(magnitude, 0) & 0x7fff, step);
      if (lanes & 2) addTo(counts, i32x4.extract_lane(magnitude, 1) & 0x7fff, step);
      if (lanes & 4) addTo(counts, i32x4.extract_lane(magnitude, 2) & 0x7fff, step);
      if (lanes & 8) addTo(counts, i32x4.extract_lane(magnitude, 3) & 0x7fff, step);
    }
    from += 4 * sizeof<D>();
  }
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(INFINITY)));
}

function equalIn(dtype: i32, from: usize, base: usize, count: i32, bits: i32): i32 {
  if (dtype == BF16_ID) return equalAs<BF16>(from, base, count, bits);
  if (dtype == F16_ID) return equalAs<F16>(from, base, count, bits);
  return equalAs<F32>(from, base, count, bits);
}

function equalAs<D>(from: usize, base: usize, count: i32, bits: i32): i32 {
  const wanted = i32x4.splat(bits);
  let largest = i32x4.splat(0);
  let equal = 0;
  for (const end = base + 4 * count; base < end; base += 16) {
    const magnitude = Magnitude.load4<D>(from, base);
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
  /** Bits of |τ| of four entries. */
  @inline
  static load4<D>(from: usize, base: usize): v128 {
    return v128.and(f32x4.sub(Decode.load4<D>(from), v128.load(base)), i32x4.splat(MAGNITUDE));
  }
}
