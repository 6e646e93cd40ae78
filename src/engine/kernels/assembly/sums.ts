/** Float64 sums of the interference statistics. Lane k of a sum takes the entries whose index is k modulo 4. */
import { Flag, Off, On } from "./flags";
import { GAMMA, MERGED, STRIDE, TALLY, TASK_VECTORS, TRIMMED, WIDE, WIDE_STRIDE } from "./memory";
import { models } from "./rules";
import * as tally from "./tally";

/** @param count entries, a multiple of WORD. */
export function sumBlock(count: i32): void {
  for (let t = 0; t < models; t++) sumModel(t, count);
  for (let i = 0; i < models; i++) {
    for (let j = i + 1; j < models; j += 3) {
      if (j + 2 < models) dotProducts<On, On>(i, j, count);
      else if (j + 1 < models) dotProducts<On, Off>(i, j, count);
      else dotProducts<Off, Off>(i, j, count);
    }
  }
  sumModels(count);
  sumMerged(count);
}

class Lanes {
  /** Two float32 as float64. */
  @inline
  static widen(at: usize): v128 {
    return f64x2.promote_low_f32x4(v128.load64_zero(at));
  }

  /** Two lanes of a sum of the tally. */
  @inline
  static load(place: i32, lane: i32): v128 {
    return v128.load(TALLY + 8 * (place + lane));
  }

  @inline
  static store(place: i32, lane: i32, sum: v128): void {
    v128.store(TALLY + 8 * (place + lane), sum);
  }

  @inline
  static addSquare(sum: v128, x: v128): v128 {
    return f64x2.add(sum, f64x2.mul(x, x));
  }
}

/** ‖τ_t‖², ‖τ̂_t‖², Σ|τ̂_t|; also τ_t as float64. */
function sumModel(t: i32, count: i32): void {
  const at = tally.modelAt(t);
  let norm = Lanes.load(at + tally.NORM_SQUARED, 0);
  let norm2 = Lanes.load(at + tally.NORM_SQUARED, 2);
  let kept = Lanes.load(at + tally.KEPT_SQUARED, 0);
  let kept2 = Lanes.load(at + tally.KEPT_SQUARED, 2);
  let mass = Lanes.load(at + tally.MASS, 0);
  let mass2 = Lanes.load(at + tally.MASS, 2);
  const block = t * STRIDE;
  let wide: usize = WIDE + t * WIDE_STRIDE;
  for (let i = block; i < block + 4 * count; i += 16) {
    const tau = Lanes.widen(TASK_VECTORS + i);
    const tau2 = Lanes.widen(TASK_VECTORS + i + 8);
    v128.store(wide, tau);
    v128.store(wide, tau2, 16);
    wide += 32;
    norm = Lanes.addSquare(norm, tau);
    norm2 = Lanes.addSquare(norm2, tau2);
    const trimmed = Lanes.widen(TRIMMED + i);
    const trimmed2 = Lanes.widen(TRIMMED + i + 8);
    kept = Lanes.addSquare(kept, trimmed);
    kept2 = Lanes.addSquare(kept2, trimmed2);
    mass = f64x2.add(mass, f64x2.abs(trimmed));
    mass2 = f64x2.add(mass2, f64x2.abs(trimmed2));
  }
  Lanes.store(at + tally.NORM_SQUARED, 0, norm);
  Lanes.store(at + tally.NORM_SQUARED, 2, norm2);
  Lanes.store(at + tally.KEPT_SQUARED, 0, kept);
  Lanes.store(at + tally.KEPT_SQUARED, 2, kept2);
  Lanes.store(at + tally.MASS, 0, mass);
  Lanes.store(at + tally.MASS, 2, mass2);
}

/** τ_i·τ_j, and τ_i·τ_j+1 and τ_i·τ_j+2 where they are asked for. */
function dotProducts<Second, Third>(i: i32, j: i32, count: i32): void {
  const at = tally.pairAt(i, j) + tally.DOT;
  const next = at + tally.PAIR_LENGTH;
  const last = next + tally.PAIR_LENGTH;
  let a = Lanes.load(at, 0);
  let a2 = Lanes.load(at, 2);
  let b = Flag.isOn<Second>() ? Lanes.load(next, 0) : f64x2.splat(0);
  let b2 = Flag.isOn<Second>() ? Lanes.load(next, 2) : f64x2.splat(0);
  let c = Flag.isOn<Third>() ? Lanes.load(last, 0) : f64x2.splat(0);
  let c2 = Flag.isOn<Third>() ? Lanes.load(last, 2) : f64x2.splat(0);
  let other: usize = WIDE + j * WIDE_STRIDE;
  for (let tau: usize = WIDE + i * WIDE_STRIDE, end = tau + 8 * count; tau < end; tau += 32) {
    const x = v128.load(tau);
    const x2 = v128.load(tau, 16);
    a = f64x2.add(a, f64x2.mul(x, v128.load(other)));
    a2 = f64x2.add(a2, f64x2.mul(x2, v128.load(other, 16)));
    if (Flag.isOn<Second>()) {
      b = f64x2.add(b, f64x2.mul(x, v128.load(other, WIDE_STRIDE)));
      b2 = f64x2.add(b2, f64x2.mul(x2, v128.load(other, WIDE_STRIDE + 16)));
    }
    if (Flag.isOn<Third>()) {
      c = f64x2.add(c, f64x2.mul(x, v128.load(other, 2 * WIDE_STRIDE)));
      c2 = f64x2.add(c2, f64x2.mul(x2, v128.load(other, 2 * WIDE_STRIDE + 16)));
    }
    other += 32;
  }
  Lanes.store(at, 0, a);
  Lanes.store(at, 2, a2);
  if (Flag.isOn<Second>()) {
    Lanes.store(next, 0, b);
    Lanes.store(next, 2, b2);
  }
  if (Flag.isOn<Third>()) {
    Lanes.store(last, 0, c);
    Lanes.store(last, 2, c2);
  }
}

/** (Σ_t τ_t)² */
function sumModels(count: i32): void {
  let squares = Lanes.load(tally.SUMMED_SQUARED, 0);
  let squares2 = Lanes.load(tally.SUMMED_SQUARED, 2);
  for (let i: usize = WIDE, end = <usize>(WIDE + 8 * count); i < end; i += 32) {
    let sum = v128.load(i);
    let sum2 = v128.load(i, 16);
    for (let at = i + WIDE_STRIDE, last = i + models * WIDE_STRIDE; at < last; at += WIDE_STRIDE) {
      sum = f64x2.add(sum, v128.load(at));
      sum2 = f64x2.add(sum2, v128.load(at, 16));
    }
    squares = Lanes.addSquare(squares, sum);
    squares2 = Lanes.addSquare(squares2, sum2);
  }
  Lanes.store(tally.SUMMED_SQUARED, 0, squares);
  Lanes.store(tally.SUMMED_SQUARED, 2, squares2);
}

/** τ_m², without the entries that cancel. */
function sumMerged(count: i32): void {
  let squares = Lanes.load(tally.MERGED_SQUARED, 0);
  let squares2 = Lanes.load(tally.MERGED_SQUARED, 2);
  for (let i = 0; i < 4 * count; i += 16) {
    const elected = f32x4.ne(v128.load(GAMMA + i), f32x4.splat(0));
    const merged = v128.and(v128.load(MERGED + i), elected);
    squares = Lanes.addSquare(squares, f64x2.promote_low_f32x4(merged));
    squares2 = Lanes.addSquare(squares2, f64x2.promote_low_f32x4(i32x4.shuffle(merged, merged, 2, 3, 2, 3)));
  }
  Lanes.store(tally.MERGED_SQUARED, 0, squares);
  Lanes.store(tally.MERGED_SQUARED, 2, squares2);
}
