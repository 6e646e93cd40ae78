/** The steps of TIES on one decoded chunk, with every intermediate at hand for statistics and pictures. */
import type { MergeParameters, TiesChunkRules } from "../kernels/kernels";
import { disjointMerge, type Divisor } from "./disjointMerge";
import { elect, resolveZeroSigns } from "./elect";
import { dropUnselected, varianceOf } from "./sce";
import { trim, type TrimRule } from "./trim";
import { allocateValues, inArithmeticOf, type Values } from "./values";

export class TiesSteps {
  /** τ̂_t as trimmed, unweighted. */
  readonly trimmed: Values[];
  /** What votes: τ̂_t, times its weight under `weights: before`. */
  readonly votes: Values[];
  /** γ after `zero_sign`; 0 where nobody keeps the entry. */
  readonly gamma: Int8Array;
  /** γ before `zero_sign`: 0 also where kept entries cancel. */
  readonly gammaBeforeZeroSign: Int8Array;
  /** How many votes are not 0. */
  readonly keepers: Uint8Array;
  /** τ_m */
  readonly merged: Values;
  private readonly scratch: Values;
  /** Of the task vectors over the models, where SCE selects by it. */
  private variance: Values | null = null;
  private readonly weighted: Values[];

  /** @param capacity entries of the largest chunk. */
  constructor(models: number, capacity: number, wide: boolean) {
    const buffers = (): Values[] => Array.from({ length: models }, () => allocateValues(capacity, wide));
    this.trimmed = buffers();
    this.weighted = buffers();
    this.votes = [...this.trimmed];
    this.gamma = new Int8Array(capacity);
    this.gammaBeforeZeroSign = new Int8Array(capacity);
    this.keepers = new Uint8Array(capacity);
    this.merged = allocateValues(capacity, wide);
    this.scratch = allocateValues(capacity, wide);
  }

  /** Runs trim, elect and disjoint merge. `start` is the chunk's flat index, counted as `tieEnd` is. */
  run(
    taskVectors: readonly Values[],
    count: number,
    start: number,
    { rules: ties, weights, leastDivisor }: MergeParameters,
    { rules, zeroSign }: TiesChunkRules,
  ): { weightSum: number; elected: { positive: number; negative: number; cancelled: number } } {
    const before = ties.weights === "before";
    for (let t = 0; t < taskVectors.length; t++) trim(taskVectors[t], count, rules[t], start, this.trimmed[t]);
    this.select(taskVectors, count, start, rules);
    for (let t = 0; t < taskVectors.length; t++) {
      if (weights[t] !== 1) this.weigh(t, weights[t], count);
      this.votes[t] = before && weights[t] !== 1 ? this.weighted[t] : this.trimmed[t];
    }
    this.countKeepers(count);
    elect(this.votes, count, ties.signConsensus, this.scratch, this.gamma);
    this.gammaBeforeZeroSign.set(this.gamma.subarray(0, count));
    const elected = resolveZeroSigns(this.gamma, this.keepers, count, zeroSign);
    const values = before ? this.votes : this.votes.map((vote, t) => (weights[t] === 1 ? vote : this.weighted[t]));
    const weightSum = disjointMerge(
      this.votes,
      values,
      weights,
      this.gamma,
      count,
      divisorOf(ties, leastDivisor),
      this.scratch,
      this.merged,
      leastDivisor,
    );
    return { weightSum, elected };
  }

  /** Of SCE, drops what is not selected. */
  private select(taskVectors: readonly Values[], count: number, start: number, rules: readonly TrimRule[]): void {
    const selected = rules[0]?.sce?.selected;
    if (!selected) return;
    this.variance ??= this.merged.slice();
    varianceOf(taskVectors, count, this.variance);
    dropUnselected(this.trimmed, this.variance, count, selected, start);
  }

  private weigh(t: number, weight: number, count: number): void {
    const factor = inArithmeticOf(this.merged, weight);
    const from = this.trimmed[t];
    const to = this.weighted[t];
    for (let i = 0; i < count; i++) to[i] = from[i] * factor;
  }

  private countKeepers(count: number): void {
    const { keepers } = this;
    keepers.fill(0, 0, count);
    for (const vote of this.votes) for (let i = 0; i < count; i++) if (vote[i] !== 0) keepers[i]++;
  }
}

/** What a merge by these rules divides by: SCE, with its least divisor, by shares that do not vote. */
export function divisorOf({ weights, normalize, merge }: MergeParameters["rules"], leastDivisor?: number): Divisor {
  if (leastDivisor !== undefined) return "weights";
  if (merge === "sum") return "none";
  if (weights === "after") return "count";
  return normalize ? "weights" : "none";
}
