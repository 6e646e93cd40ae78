/**
 * Sums of one stretch of one tensor from which every interference statistic follows. A tally is one Float64Array,
 * so that it crosses threads as it is, and tallies add entry by entry: counts are exact below 2^53, and the
 * float64 sums come out the same whatever the threads, because stretches are fixed (see workPlan.ts), run from
 * their first entry to their last, and are added in order.
 *
 * Entries that cancel get their sign only when the whole model is known (`zero_sign: majority`), so what depends
 * on that sign is tallied for both.
 */
export type Tally = Float64Array;

/** Per-model sums, in this order. */
export const MODEL_SUMS = [
  "positive",
  "negative",
  "lost",
  "votesPositive",
  "votesNegative",
  "normSquared",
  "keptSquared",
  "mass",
  "lostMass",
  "massPositive",
  "massNegative",
] as const;
export type ModelSum = (typeof MODEL_SUMS)[number];

/** Sums of the whole stretch, in this order. */
export const TOTAL_SUMS = [
  "elements",
  "conflictBefore",
  "nonFinite",
  "electedPositive",
  "electedNegative",
  "cancelled",
  "mergedSquared",
  "mergedSquaredIfPositive",
  "mergedSquaredIfNegative",
  "meanSquared",
] as const;
export type TotalSum = (typeof TOTAL_SUMS)[number];

export const PAIR_SUMS = ["dot", "bothKept", "disagree"] as const;
export type PairSum = (typeof PAIR_SUMS)[number];

/** Where each sum of a tally of N models stands. */
export class TallyLayout {
  readonly length: number;
  private readonly modelsAt: number;
  private readonly pairsAt: number;
  private readonly signsAt: number;

  constructor(readonly models: number) {
    this.modelsAt = TOTAL_SUMS.length;
    this.pairsAt = this.modelsAt + models * MODEL_SUMS.length;
    this.signsAt = this.pairsAt + ((models * (models - 1)) / 2) * PAIR_SUMS.length;
    this.length = this.signsAt + (models + 1) ** 2;
  }

  total(sum: TotalSum): number {
    return TOTAL_SUMS.indexOf(sum);
  }

  model(t: number, sum: ModelSum): number {
    return this.modelsAt + t * MODEL_SUMS.length + MODEL_SUMS.indexOf(sum);
  }

  /** @param i, j models, i < j. */
  pair(i: number, j: number, sum: PairSum): number {
    const index = i * this.models - (i * (i + 1)) / 2 + (j - i - 1);
    return this.pairsAt + index * PAIR_SUMS.length + PAIR_SUMS.indexOf(sum);
  }

  /** Count of entries that `positive` models keep with + and `negative` with −. */
  signs(positive: number, negative: number): number {
    return this.signsAt + positive * (this.models + 1) + negative;
  }

  allocate(): Tally {
    return new Float64Array(this.length);
  }
}

/** Adds `from` to `to`. */
export function addTally(to: Tally, from: Tally): void {
  for (let at = 0; at < to.length; at++) to[at] += from[at];
}
