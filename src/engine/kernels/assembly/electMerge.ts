/**
 * Steps 3 and 4 of TIES on one block: γ, the sign of the sum of the votes, and τ_m, the mean or sum of what agrees
 * with it; both sums in the order of the models. Votes and values are blocks STRIDE apart, one a model.
 */
import { Flag, Off, On } from "./flags";
import { magnitudeBits, signBits } from "./invariants";
import { GAMMA, MERGED, SHARES, STRIDE } from "./memory";

/** Bits of the smallest float32 that is not below SMALLEST_WEIGHT_SUM (disjointMerge.ts), 1e-8. */
const SMALLEST_DIVISOR = 0x322b_cc78;

/** Entries of the chunk with γ > 0, γ < 0, and with votes. */
export let positive: i32 = 0;
export let negative: i32 = 0;
export let voted: i32 = 0;

export function resetElection(): void {
  positive = 0;
  negative = 0;
  voted = 0;
}

/**
 * @param values what is summed: `votes`, or weighted values (`weights: after`).
 * @param byNumber γ from the signs alone (`frequency`).
 * @param divides whether the sum is divided by the sum of the shares of those that agree.
 * @param statistics whether γ is stored.
 * @returns whether somewhere the shares sum to nearly 0.
 */
export function electMerge(
  votes: usize,
  values: usize,
  models: i32,
  count: i32,
  byNumber: bool,
  negativeZero: bool,
  divides: bool,
  statistics: bool,
): bool {
  if (byNumber) return withElection<On>(votes, values, models, count, negativeZero, divides, statistics);
  return withElection<Off>(votes, values, models, count, negativeZero, divides, statistics);
}

function withElection<ByNumber>(
  votes: usize,
  values: usize,
  models: i32,
  count: i32,
  negativeZero: bool,
  divides: bool,
  statistics: bool,
): bool {
  if (divides) {
    if (statistics) return run<ByNumber, On, On>(votes, values, models, count, negativeZero);
    return run<ByNumber, On, Off>(votes, values, models, count, negativeZero);
  }
  if (statistics) return run<ByNumber, Off, On>(votes, values, models, count, negativeZero);
  return run<ByNumber, Off, Off>(votes, values, models, count, negativeZero);
}

function run<ByNumber, Divides, Statistics>(
  votes: usize,
  values: usize,
  models: i32,
  count: i32,
  negativeZero: bool,
): bool {
  const zeroIsNegative = i32x4.splat(negativeZero ? -1 : 0);
  const magnitudes = i32x4.splat(magnitudeBits);
  const signs = i32x4.splat(signBits);
  const offset = values - votes;
  let ups = i32x4.splat(0);
  let downs = i32x4.splat(0);
  let voters = i32x4.splat(0);
  let tooSmall = i32x4.splat(0);
  for (let i = 0; i < 4 * count; i += 16) {
    let sum = i32x4.splat(0);
    let any = i32x4.splat(0);
    const lastVote = votes + models * STRIDE + i;
    for (let at = votes + i; at < lastVote; at += STRIDE) {
      const vote = v128.load(at);
      if (Flag.isOn<ByNumber>()) {
        // A comparison that holds is −1.
        sum = i32x4.sub(sum, f32x4.gt(vote, f32x4.splat(0)));
        sum = i32x4.add(sum, f32x4.lt(vote, f32x4.splat(0)));
      } else {
        sum = f32x4.add(sum, vote);
      }
      any = v128.or(any, vote);
    }
    const isUp = Flag.isOn<ByNumber>() ? i32x4.gt_s(sum, i32x4.splat(0)) : f32x4.gt(sum, f32x4.splat(0));
    const isDown = Flag.isOn<ByNumber>() ? i32x4.lt_s(sum, i32x4.splat(0)) : f32x4.lt(sum, f32x4.splat(0));
    ups = i32x4.sub(ups, isUp);
    downs = i32x4.sub(downs, isDown);
    voters = i32x4.sub(voters, i32x4.gt_s(v128.and(any, magnitudes), i32x4.splat(0)));

    // Turned by γ's sign, exactly the votes that agree are above 0.
    const turn = v128.and(v128.or(isDown, v128.andnot(zeroIsNegative, isUp)), signs);
    let merged = i32x4.splat(0);
    let divisor = i32x4.splat(0);
    let share: usize = SHARES;
    for (let at = votes + i; at < lastVote; at += STRIDE) {
      const agrees = f32x4.gt(v128.xor(v128.load(at), turn), f32x4.splat(0));
      merged = f32x4.add(merged, v128.and(v128.load(at + offset), agrees));
      if (Flag.isOn<Divides>()) {
        divisor = f32x4.add(divisor, v128.and(v128.load32_splat(share), agrees));
        share += 4;
      }
    }
    if (Flag.isOn<Divides>()) {
      const divisible = i32x4.ge_s(v128.and(divisor, magnitudes), i32x4.splat(SMALLEST_DIVISOR));
      tooSmall = v128.or(tooSmall, v128.andnot(f32x4.ne(merged, f32x4.splat(0)), divisible));
      merged = f32x4.div(merged, v128.bitselect(divisor, f32x4.splat(1), divisible));
    }
    v128.store(i + MERGED, merged);
    if (Flag.isOn<Statistics>()) v128.store(i + GAMMA, f32x4.convert_i32x4_s(i32x4.sub(isDown, isUp)));
  }
  addElection(ups, downs, voters);
  return v128.any_true(tooSmall);
}

/** Adds lanes of counts. */
export function addElection(ups: v128, downs: v128, voters: v128): void {
  positive += sumOf(ups);
  negative += sumOf(downs);
  voted += sumOf(voters);
}

function sumOf(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
