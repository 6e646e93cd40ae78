/** Float64 sums of the interference statistics. Lane k of a sum takes the entries whose index is k modulo 4. */
import { GAMMA, LOST, MERGED, STRIDE, TALLY, TASK_VECTORS, TRIMMED } from "./memory";
import { models } from "./rules";
import * as tally from "./tally";

/** @param count entries, a multiple of WORD. */
export function sumBlock(count: i32): void {
  for (let t = 0; t < models; t++) {
    sumModel(t, count);
    for (let other = t + 1; other < models; other += 2) {
      if (other + 1 < models) dotPairs(t, other, count);
      else dotPair(t, other, count);
    }
  }
  sumModels(count);
  sumMerged(count);
}

class Wide {
  /** Two float32 as float64. */
  @inline
  static load2(at: usize): v128 {
    return f64x2.promote_low_f32x4(v128.load64_zero(at));
  }

  /** Two lanes of a sum of the tally. */
  @inline
  static sum(place: i32, lane: i32): v128 {
    return v128.load(TALLY + 8 * (place + lane));
  }

  @inline
  static keep(place: i32, lane: i32, sum: v128): void {
    v128.store(TALLY + 8 * (place + lane), sum);
  }

  @inline
  static addSquare(sum: v128, x: v128): v128 {
    return f64x2.add(sum, f64x2.mul(x, x));
  }

  @inline
  static addMagnitude(sum: v128, x: v128): v128 {
    return f64x2.add(sum, f64x2.abs(x));
  }
}

function sumModel(t: i32, count: i32): void {
  const at = tally.modelAt(t);
  let norm = Wide.sum(at + tally.NORM_SQUARED, 0);
  let norm2 = Wide.sum(at + tally.NORM_SQUARED, 2);
  let kept = Wide.sum(at + tally.KEPT_SQUARED, 0);
  let kept2 = Wide.sum(at + tally.KEPT_SQUARED, 2);
  let mass = Wide.sum(at + tally.MASS, 0);
  let mass2 = Wide.sum(at + tally.MASS, 2);
  let lost = Wide.sum(at + tally.LOST_MASS, 0);
  let lost2 = Wide.sum(at + tally.LOST_MASS, 2);
  const block = t * STRIDE;
  for (let i = block; i < block + 4 * count; i += 16) {
    norm = Wide.addSquare(norm, Wide.load2(TASK_VECTORS + i));
    norm2 = Wide.addSquare(norm2, Wide.load2(TASK_VECTORS + i + 8));
    const value = Wide.load2(TRIMMED + i);
    const value2 = Wide.load2(TRIMMED + i + 8);
    kept = Wide.addSquare(kept, value);
    kept2 = Wide.addSquare(kept2, value2);
    mass = Wide.addMagnitude(mass, value);
    mass2 = Wide.addMagnitude(mass2, value2);
    lost = Wide.addMagnitude(lost, Wide.load2(LOST + i));
    lost2 = Wide.addMagnitude(lost2, Wide.load2(LOST + i + 8));
  }
  Wide.keep(at + tally.NORM_SQUARED, 0, norm);
  Wide.keep(at + tally.NORM_SQUARED, 2, norm2);
  Wide.keep(at + tally.KEPT_SQUARED, 0, kept);
  Wide.keep(at + tally.KEPT_SQUARED, 2, kept2);
  Wide.keep(at + tally.MASS, 0, mass);
  Wide.keep(at + tally.MASS, 2, mass2);
  Wide.keep(at + tally.LOST_MASS, 0, lost);
  Wide.keep(at + tally.LOST_MASS, 2, lost2);
}

/** τ_i·τ_j */
function dotPair(i: i32, j: i32, count: i32): void {
  const at = tally.pairAt(i, j) + tally.DOT;
  let dot = Wide.sum(at, 0);
  let dot2 = Wide.sum(at, 2);
  const b: usize = (j - i) * STRIDE;
  for (let a: usize = TASK_VECTORS + i * STRIDE, end = a + 4 * count; a < end; a += 16) {
    dot = f64x2.add(dot, f64x2.mul(Wide.load2(a), Wide.load2(a + b)));
    dot2 = f64x2.add(dot2, f64x2.mul(Wide.load2(a + 8), Wide.load2(a + b + 8)));
  }
  Wide.keep(at, 0, dot);
  Wide.keep(at, 2, dot2);
}

/** τ_i·τ_j and τ_i·τ_j+1 */
function dotPairs(i: i32, j: i32, count: i32): void {
  const at = tally.pairAt(i, j) + tally.DOT;
  const next = tally.pairAt(i, j + 1) + tally.DOT;
  let first = Wide.sum(at, 0);
  let first2 = Wide.sum(at, 2);
  let second = Wide.sum(next, 0);
  let second2 = Wide.sum(next, 2);
  const b: usize = (j - i) * STRIDE;
  const c = b + STRIDE;
  for (let a: usize = TASK_VECTORS + i * STRIDE, end = a + 4 * count; a < end; a += 16) {
    const x = Wide.load2(a);
    const x2 = Wide.load2(a + 8);
    first = f64x2.add(first, f64x2.mul(x, Wide.load2(a + b)));
    first2 = f64x2.add(first2, f64x2.mul(x2, Wide.load2(a + b + 8)));
    second = f64x2.add(second, f64x2.mul(x, Wide.load2(a + c)));
    second2 = f64x2.add(second2, f64x2.mul(x2, Wide.load2(a + c + 8)));
  }
  Wide.keep(at, 0, first);
  Wide.keep(at, 2, first2);
  Wide.keep(next, 0, second);
  Wide.keep(next, 2, second2);
}

/** (Σ_t τ_t)² */
function sumModels(count: i32): void {
  let squares = Wide.sum(tally.SUMMED_SQUARED, 0);
  let squares2 = Wide.sum(tally.SUMMED_SQUARED, 2);
  for (let i: usize = TASK_VECTORS, end = <usize>(TASK_VECTORS + 4 * count); i < end; i += 16) {
    let sum = f64x2.splat(0);
    let sum2 = f64x2.splat(0);
    for (let at = i, last = i + models * STRIDE; at < last; at += STRIDE) {
      sum = f64x2.add(sum, Wide.load2(at));
      sum2 = f64x2.add(sum2, Wide.load2(at + 8));
    }
    squares = Wide.addSquare(squares, sum);
    squares2 = Wide.addSquare(squares2, sum2);
  }
  Wide.keep(tally.SUMMED_SQUARED, 0, squares);
  Wide.keep(tally.SUMMED_SQUARED, 2, squares2);
}

/** τ_m², without the entries that cancel. */
function sumMerged(count: i32): void {
  let squares = Wide.sum(tally.MERGED_SQUARED, 0);
  let squares2 = Wide.sum(tally.MERGED_SQUARED, 2);
  for (let i = 0; i < 4 * count; i += 16) {
    const elected = f32x4.ne(v128.load(GAMMA + i), f32x4.splat(0));
    const merged = v128.and(v128.load(MERGED + i), elected);
    squares = Wide.addSquare(squares, f64x2.promote_low_f32x4(merged));
    squares2 = Wide.addSquare(squares2, f64x2.promote_low_f32x4(i32x4.shuffle(merged, merged, 2, 3, 2, 3)));
  }
  Wide.keep(tally.MERGED_SQUARED, 0, squares);
  Wide.keep(tally.MERGED_SQUARED, 2, squares2);
}
