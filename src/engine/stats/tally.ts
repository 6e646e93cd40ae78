/**
 * Sums of one stretch of one tensor from which every interference statistic follows. A tally is one Float64Array,
 * so that it crosses threads as it is, and tallies add entry by entry. Counts are exact below 2^53.
 *
 * A float64 sum stands in LANES entries: lane k takes the entries of the tensor whose flat index is k modulo
 * LANES, from the first to the last. So a sum is the same whatever the kernels compute at a time, and whatever
 * the threads, because stretches are fixed (see workPlan.ts), begin at a multiple of LANES and are added in order.
 *
 * Entries that cancel get their sign only when the whole model is known (`zero_sign: majority`), so what depends
 * on that sign is tallied for both.
 */
export type Tally = Float64Array;

/** Lanes of a float64 sum; part of what reports depend on, never to be tuned. A power of 2. */
export const LANES = 4;

/** Counts of the whole stretch, in this order. */
const TOTAL_COUNTS = [
  "elements",
  "conflictBefore",
  "nonFinite",
  "electedPositive",
  "electedNegative",
  "cancelled",
] as const;
export type TotalCount = (typeof TOTAL_COUNTS)[number];

/** Sums over the whole stretch; `summedSquared` is Σ (Σ_t τ_t)², from which the norm of the plain mean follows. */
const TOTAL_SUMS = ["mergedSquared", "mergedSquaredIfPositive", "mergedSquaredIfNegative", "summedSquared"] as const;
export type TotalSum = (typeof TOTAL_SUMS)[number];

/** Counts of each model, in this order. */
const MODEL_COUNTS = ["positive", "negative", "lost", "lostIfPositive", "lostIfNegative"] as const;
export type ModelCount = (typeof MODEL_COUNTS)[number];

/** Sums of each model, in this order. */
const MODEL_SUMS = ["normSquared", "keptSquared", "mass", "lostMass", "massPositive", "massNegative"] as const;
export type ModelSum = (typeof MODEL_SUMS)[number];

/** Counts of each pair; a pair's one sum, the scalar product, follows them. */
const PAIR_COUNTS = ["bothKept", "disagree"] as const;
export type PairCount = (typeof PAIR_COUNTS)[number];

const MODEL_LENGTH = MODEL_COUNTS.length + MODEL_SUMS.length * LANES;
const PAIR_LENGTH = PAIR_COUNTS.length + LANES;

/** Where each count, and the first lane of each sum, of a tally of N models stands. */
export class TallyLayout {
  readonly length: number;
  readonly modelsAt = TOTAL_COUNTS.length + TOTAL_SUMS.length * LANES;
  readonly pairsAt: number;
  readonly signsAt: number;

  constructor(readonly models: number) {
    this.pairsAt = this.modelsAt + models * MODEL_LENGTH;
    this.signsAt = this.pairsAt + ((models * (models - 1)) / 2) * PAIR_LENGTH;
    this.length = this.signsAt + (models + 1) ** 2;
  }

  total(count: TotalCount): number {
    return TOTAL_COUNTS.indexOf(count);
  }

  totalSum(sum: TotalSum): number {
    return TOTAL_COUNTS.length + TOTAL_SUMS.indexOf(sum) * LANES;
  }

  model(t: number, count: ModelCount): number {
    return this.modelsAt + t * MODEL_LENGTH + MODEL_COUNTS.indexOf(count);
  }

  modelSum(t: number, sum: ModelSum): number {
    return this.modelsAt + t * MODEL_LENGTH + MODEL_COUNTS.length + MODEL_SUMS.indexOf(sum) * LANES;
  }

  /** @param i, j models, i < j. */
  pair(i: number, j: number, count: PairCount): number {
    return this.pairAt(i, j) + PAIR_COUNTS.indexOf(count);
  }

  /** τ_i·τ_j */
  pairDot(i: number, j: number): number {
    return this.pairAt(i, j) + PAIR_COUNTS.length;
  }

  /** Count of entries that `positive` models keep with + and `negative` with −. */
  signs(positive: number, negative: number): number {
    return this.signsAt + positive * (this.models + 1) + negative;
  }

  allocate(): Tally {
    return new Float64Array(this.length);
  }

  private pairAt(i: number, j: number): number {
    const index = i * this.models - (i * (i + 1)) / 2 + (j - i - 1);
    return this.pairsAt + index * PAIR_LENGTH;
  }
}

/** Adds `from` to `to`. */
export function addTally(to: Tally, from: Tally): void {
  for (let at = 0; at < to.length; at++) to[at] += from[at];
}

/** The sum whose first lane stands at `at`. */
export const sumOfLanes = (tally: Tally, at: number): number =>
  tally[at] + tally[at + 1] + (tally[at + 2] + tally[at + 3]);
