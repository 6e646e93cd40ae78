import { inArithmeticOf, type Values } from "./values";

/** Below this a sum of weights is too close to 0 to divide by: a clear error beats a huge number. */
export const SMALLEST_WEIGHT_SUM = 1e-8;

/** What the agreeing entries are divided by: the sum of their weights, their number, or nothing. */
export type Divisor = "weights" | "count" | "none";

/**
 * τ_m (step 4 of TIES) into `merged`: for each entry, of the `values` that are not 0 and have the sign γ, the
 * sum in the order of the models, divided as `divisor` says; 0 where none agrees.
 *
 * @param votes the entries whose sign must agree with γ (τ̂, weighted when weights come before the election).
 * @param values what is summed; the same arrays as `votes`, or weighted ones when weights come after.
 * @param divisorSum scratch for one chunk.
 * @param least of shares: what the divisor is taken for where it is less; of other weights nothing.
 * @returns index of the first entry whose agreeing weights sum to less than SMALLEST_WEIGHT_SUM, or −1.
 */
export function disjointMerge(
  votes: readonly Values[],
  values: readonly Values[],
  weights: readonly number[],
  gamma: Int8Array,
  count: number,
  divisor: Divisor,
  divisorSum: Values,
  merged: Values,
  least?: number,
): number {
  merged.fill(0, 0, count);
  divisorSum.fill(0, 0, count);
  for (let t = 0; t < votes.length; t++) {
    const vote = votes[t];
    const value = values[t];
    const share = divisor === "weights" ? inArithmeticOf(merged, weights[t]) : 1;
    for (let i = 0; i < count; i++) {
      if (vote[i] * gamma[i] > 0) {
        merged[i] += value[i];
        divisorSum[i] += share;
      }
    }
  }
  if (divisor === "none") return -1;
  if (least !== undefined) {
    divideByShares(merged, divisorSum, count, inArithmeticOf(merged, least));
    return -1;
  }
  let tooSmall = -1;
  for (let i = 0; i < count; i++) {
    const by = divisorSum[i];
    if (Math.abs(by) >= SMALLEST_WEIGHT_SUM) merged[i] /= by;
    else if (merged[i] !== 0 && tooSmall < 0) tooSmall = i;
  }
  return tooSmall;
}

/** Shares of a whole tensor: one that is next to nothing is as good as any, and no error. */
function divideByShares(merged: Values, divisorSum: Values, count: number, least: number): void {
  for (let i = 0; i < count; i++) {
    const by = Math.max(divisorSum[i], least);
    if (by > 0) merged[i] /= by;
  }
}
