/** What pictures show of one chunk merged by TIES, eight entries at a time (stats/octets.ts): marked or counted. */
import { signsOf } from "./bitSets";
import { baseOf, filledUp, trimModels } from "./chunk";
import { electMerge } from "./electMerge";
import {
  BITS,
  BLOCK,
  GAMMA,
  GAMMA_ABOVE,
  GAMMA_BELOW,
  KEPT_ABOVE,
  KEPT_BELOW,
  MERGED,
  OCTET_SUMS,
  OCTETS,
  OUTPUT,
  STRIDE,
  TRIMMED,
  VOTES_ABOVE,
  VOTES_BELOW,
  WEIGHTED,
} from "./memory";
import * as rules from "./rules";
import { weigh } from "./weigh";

/**
 * @param mark every entry by its bit, and τ_m of each; else the marks of an octet are counted and its τ_m summed.
 * @returns false where some input is not finite: such a chunk is for the plain kernels.
 */
export function viewOctets(count: i32, negativeZero: bool, mark: bool): bool {
  for (let start = 0; start < count; start += BLOCK) {
    const length = min(BLOCK, count - start);
    if (trimModels(rules.models, baseOf(start, length), start, length)) return false;
    const filled = filledUp(length);
    if (rules.weighted) weigh(TRIMMED, rules.models, filled);
    const values: usize = rules.weighted ? WEIGHTED : TRIMMED;
    const votes = rules.weightsVote ? values : <usize>TRIMMED;
    electMerge(votes, values, rules.models, filled, rules.byNumber, negativeZero, rules.divides, true);
    findSigns(votes, filled);
    const weighted = votes != TRIMMED;
    countBlock(
      weighted ? <usize>VOTES_ABOVE : KEPT_ABOVE,
      weighted ? <usize>VOTES_BELOW : KEPT_BELOW,
      filled / 8,
      negativeZero,
      OUTPUT + start / 8,
      mark,
    );
    if (mark) memory.copy(OCTET_SUMS + 4 * start, MERGED, 4 * length);
    else sumBlock(filled, OCTET_SUMS + start);
  }
  return true;
}

function findSigns(votes: usize, filled: i32): void {
  for (let t = 0; t < rules.models; t++) {
    signsOf(TRIMMED + t * STRIDE, KEPT_ABOVE + t * BITS, KEPT_BELOW + t * BITS, filled, false);
    if (votes != TRIMMED) signsOf(votes + t * STRIDE, VOTES_ABOVE + t * BITS, VOTES_BELOW + t * BITS, filled, true);
  }
  signsOf(GAMMA, GAMMA_ABOVE, GAMMA_BELOW, filled, false);
}

/** A byte of a bit set is an octet. */
function countBlock(up: usize, down: usize, bytes: i32, negativeZero: bool, to: usize, mark: bool): void {
  const models = rules.models;
  for (let word = 0; word < bytes; word += 16) {
    let voted = i32x4.splat(0);
    let anyAbove = i32x4.splat(0);
    let anyBelow = i32x4.splat(0);
    for (let t = 0; t < models; t++) {
      voted = v128.or(voted, v128.or(v128.load(up + t * BITS + word), v128.load(down + t * BITS + word)));
      anyAbove = v128.or(anyAbove, v128.load(KEPT_ABOVE + t * BITS + word));
      anyBelow = v128.or(anyBelow, v128.load(KEPT_BELOW + t * BITS + word));
    }
    let positive = v128.load(GAMMA_ABOVE + word);
    let negative = v128.load(GAMMA_BELOW + word);
    const cancelled = v128.andnot(voted, v128.or(positive, negative));
    if (negativeZero) negative = v128.or(negative, cancelled);
    else positive = v128.or(positive, cancelled);
    let at = to + word;
    for (let t = 0; t < models; t++) {
      Octets.put(at, v128.load(KEPT_ABOVE + t * BITS + word), mark);
      Octets.put(at + OCTETS, v128.load(KEPT_BELOW + t * BITS + word), mark);
      at += 2 * OCTETS;
    }
    for (let t = 0; t < models; t++) {
      const kept = v128.or(v128.load(KEPT_ABOVE + t * BITS + word), v128.load(KEPT_BELOW + t * BITS + word));
      const won = v128.or(
        v128.and(v128.load(up + t * BITS + word), positive),
        v128.and(v128.load(down + t * BITS + word), negative),
      );
      Octets.put(at, v128.andnot(kept, won), mark);
      at += OCTETS;
    }
    Octets.put(at, positive, mark);
    Octets.put(at + OCTETS, negative, mark);
    Octets.put(at + 2 * OCTETS, v128.and(anyAbove, anyBelow), mark);
  }
}

class Octets {
  @inline
  static put(to: usize, octets: v128, mark: bool): void {
    v128.store(to, mark ? octets : i8x16.popcnt(octets));
  }
}

/** Σ τ_m of each octet in float64: even entries and odd ones apart, then together. */
function sumBlock(count: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>(4 * count); i += 32) {
    const low = v128.load(MERGED + i);
    const high = v128.load(MERGED + i, 16);
    // From 0 on, so that no sum is −0.
    let sum = f64x2.add(f64x2.splat(0), f64x2.promote_low_f32x4(low));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(Halves.upper(low)));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(high));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(Halves.upper(high)));
    store<f64>(to, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
    to += 8;
  }
}

class Halves {
  @inline
  static upper(lanes: v128): v128 {
    return i64x2.shuffle(lanes, lanes, 1, 0);
  }
}
