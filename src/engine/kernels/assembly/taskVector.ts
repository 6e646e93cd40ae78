import { BF16_ID, E4M3_ID, E5M2_ID, F16_ID } from "./codes";
import { Decode } from "./decode";
import { magnitudeBits } from "./invariants";
import { INFINITY, MAGNITUDE, BF16, bytesOf, E4M3, E5M2, F16, F32 } from "./dtypes";

/** Entries of one turn of the loop. */
const GROUP = 16;

/**
 * Task vector of one block of one model, and what trimming leaves of it: τ = θ − θ₀, and τ̂ with the entries whose
 * magnitude has bits above `atLeast` before entry `ties`, and above `above` (no less) from there on. So an entry
 * that is 0 is not kept, unless the limits are −1.
 * @param count entries, a multiple of WORD.
 * @returns whether some τ is NaN or ±Inf.
 */
export function trimBlock(
  dtype: i32,
  from: usize,
  base: usize,
  taskVector: usize,
  trimmed: usize,
  count: i32,
  ties: i32,
  atLeast: i32,
  above: i32,
): bool {
  // The group in which `ties` lies is trimmed at first as if all of it came before.
  const tieGroups = (ties + GROUP - 1) & ~(GROUP - 1);
  let bad = false;
  if (tieGroups > 0) bad = trim(dtype, from, base, taskVector, trimmed, tieGroups, atLeast);
  if (tieGroups < count) {
    const done = 4 * tieGroups;
    from += tieGroups * bytesOf(dtype);
    bad = trim(dtype, from, base + done, taskVector + done, trimmed + done, count - tieGroups, above) || bad;
  }
  for (let i = ties; i < tieGroups; i++) {
    const at = trimmed + 4 * i;
    if ((load<i32>(at) & MAGNITUDE) <= above) store<i32>(at, 0);
  }
  return bad;
}

function trim(dtype: i32, from: usize, base: usize, taskVector: usize, trimmed: usize, count: i32, limit: i32): bool {
  if (dtype == BF16_ID) return trimAs<BF16>(from, base, taskVector, trimmed, count, limit);
  if (dtype == F16_ID) return trimAs<F16>(from, base, taskVector, trimmed, count, limit);
  if (dtype == E4M3_ID) return trimAs<E4M3>(from, base, taskVector, trimmed, count, limit);
  if (dtype == E5M2_ID) return trimAs<E5M2>(from, base, taskVector, trimmed, count, limit);
  return trimAs<F32>(from, base, taskVector, trimmed, count, limit);
}

function trimAs<D>(from: usize, base: usize, taskVector: usize, trimmed: usize, count: i32, limit: i32): bool {
  const limits = i32x4.splat(limit);
  const magnitudes = i32x4.splat(magnitudeBits);
  let largest = i32x4.splat(0);
  for (let end = base + 4 * count; base < end; base += 64) {
    largest = Trim.four<D>(from, 0, base, taskVector, trimmed, limits, magnitudes, largest);
    largest = Trim.four<D>(from, 4, base, taskVector, trimmed, limits, magnitudes, largest);
    largest = Trim.four<D>(from, 8, base, taskVector, trimmed, limits, magnitudes, largest);
    largest = Trim.four<D>(from, 12, base, taskVector, trimmed, limits, magnitudes, largest);
    from += GROUP * sizeof<D>();
    taskVector += 64;
    trimmed += 64;
  }
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(INFINITY)));
}

class Trim {
  /** Entries i … i + 3; gives the largest magnitudes so far. */
  @inline
  static four<D>(
    from: usize,
    i: usize,
    base: usize,
    whole: usize,
    kept: usize,
    limits: v128,
    magnitudes: v128,
    largest: v128,
  ): v128 {
    const tau = f32x4.sub(Decode.load4<D>(from + i * sizeof<D>()), v128.load(base + 4 * i));
    const magnitude = v128.and(tau, magnitudes);
    v128.store(whole + 4 * i, tau);
    v128.store(kept + 4 * i, v128.and(tau, i32x4.gt_s(magnitude, limits)));
    return i32x4.max_s(largest, magnitude);
  }
}
