import type { MergeParameters } from "../kernels/kernels";
import { SMALLEST_WEIGHT_SUM } from "../merge/disjointMerge";
import { divisorOf, type TiesSteps } from "../merge/tiesSteps";
import { inArithmeticOf, type Values } from "../merge/values";
import { LANES, type ModelCount, type ModelSum, type Tally, type TallyLayout } from "./tally";

/** The lane of an entry: chunks begin at a multiple of LANES. */
const LANE = LANES - 1;

/** Adds the interference statistics of one chunk, of which `steps` has just run, to a tally. */
export class ChunkTally {
  private readonly signs: Int8Array[];
  private readonly positive: Uint8Array;
  private readonly negative: Uint8Array;
  private readonly summed: Float64Array;

  constructor(
    private readonly layout: TallyLayout,
    capacity: number,
  ) {
    this.signs = Array.from({ length: layout.models }, () => new Int8Array(capacity));
    this.positive = new Uint8Array(capacity);
    this.negative = new Uint8Array(capacity);
    this.summed = new Float64Array(capacity);
  }

  add(
    taskVectors: readonly Values[],
    steps: TiesSteps,
    parameters: MergeParameters,
    count: number,
    replaced: number,
    tally: Tally,
  ): void {
    const { layout } = this;
    tally[layout.total("elements")] += count;
    tally[layout.total("nonFinite")] += replaced;
    this.addConflictBefore(taskVectors, count, tally);
    this.findSigns(steps.trimmed, count);
    for (let t = 0; t < layout.models; t++) this.addModel(t, taskVectors[t], steps, count, tally);
    this.addPairs(taskVectors, count, tally);
    const { positive, negative } = this;
    for (let i = 0; i < count; i++) tally[layout.signs(positive[i], negative[i])]++;
    this.addSummed(taskVectors, count, tally);
    this.addMerged(steps, parameters, count, tally);
  }

  private addConflictBefore(taskVectors: readonly Values[], count: number, tally: Tally): void {
    const { positive, negative } = this;
    positive.fill(0, 0, count);
    negative.fill(0, 0, count);
    for (const values of taskVectors) {
      for (let i = 0; i < count; i++) {
        const value = values[i];
        if (value > 0) positive[i] = 1;
        else if (value < 0) negative[i] = 1;
      }
    }
    let conflict = 0;
    for (let i = 0; i < count; i++) conflict += positive[i] & negative[i];
    tally[this.layout.total("conflictBefore")] += conflict;
  }

  /** Signs of τ̂_t, and for each entry how many models keep it with + and with −. */
  private findSigns(trimmed: readonly Values[], count: number): void {
    const { positive, negative } = this;
    positive.fill(0, 0, count);
    negative.fill(0, 0, count);
    for (let t = 0; t < trimmed.length; t++) {
      const values = trimmed[t];
      const signs = this.signs[t];
      for (let i = 0; i < count; i++) {
        const value = values[i];
        const up = value > 0 ? 1 : 0;
        const down = value < 0 ? 1 : 0;
        signs[i] = up - down;
        positive[i] += up;
        negative[i] += down;
      }
    }
  }

  private addModel(t: number, taskVector: Values, steps: TiesSteps, count: number, tally: Tally): void {
    const countAt = (name: ModelCount): number => this.layout.model(t, name);
    const sumAt = (name: ModelSum): number => this.layout.modelSum(t, name);
    const [norm, kept, mass] = [sumAt("normSquared"), sumAt("keptSquared"), sumAt("mass")];
    const [lostMass, massPositive, massNegative] = [sumAt("lostMass"), sumAt("massPositive"), sumAt("massNegative")];
    const signs = this.signs[t];
    const { gammaBeforeZeroSign: gamma } = steps;
    const trimmed = steps.trimmed[t];
    const votes = steps.votes[t];
    let positive = 0;
    let negative = 0;
    let lost = 0;
    let lostIfPositive = 0;
    let lostIfNegative = 0;
    for (let i = 0; i < count; i++) {
      const lane = i & LANE;
      const value = taskVector[i];
      tally[norm + lane] += value * value;
      const sign = signs[i];
      if (sign === 0) continue;
      if (sign > 0) positive++;
      else negative++;
      const magnitude = Math.abs(trimmed[i]);
      tally[kept + lane] += magnitude * magnitude;
      tally[mass + lane] += magnitude;
      const elected = gamma[i];
      if (elected !== 0) {
        if (!(votes[i] * elected > 0)) {
          lost++;
          tally[lostMass + lane] += magnitude;
        }
      } else {
        // Cancelled: lost under − if it votes +, and the other way round; under both with a weight of 0.
        if (!(votes[i] > 0)) {
          lostIfPositive++;
          tally[massPositive + lane] += magnitude;
        }
        if (!(votes[i] < 0)) {
          lostIfNegative++;
          tally[massNegative + lane] += magnitude;
        }
      }
    }
    tally[countAt("positive")] += positive;
    tally[countAt("negative")] += negative;
    tally[countAt("lost")] += lost;
    tally[countAt("lostIfPositive")] += lostIfPositive;
    tally[countAt("lostIfNegative")] += lostIfNegative;
  }

  private addPairs(taskVectors: readonly Values[], count: number, tally: Tally): void {
    for (let i = 0; i < taskVectors.length; i++) {
      for (let j = i + 1; j < taskVectors.length; j++) {
        const [a, b, signsA, signsB] = [taskVectors[i], taskVectors[j], this.signs[i], this.signs[j]];
        const dot = this.layout.pairDot(i, j);
        let bothKept = 0;
        let disagree = 0;
        for (let k = 0; k < count; k++) {
          tally[dot + (k & LANE)] += a[k] * b[k];
          const product = signsA[k] * signsB[k];
          bothKept += product & 1;
          disagree += product < 0 ? 1 : 0;
        }
        tally[this.layout.pair(i, j, "bothKept")] += bothKept;
        tally[this.layout.pair(i, j, "disagree")] += disagree;
      }
    }
  }

  private addSummed(taskVectors: readonly Values[], count: number, tally: Tally): void {
    const { summed } = this;
    summed.fill(0, 0, count);
    for (const values of taskVectors) for (let i = 0; i < count; i++) summed[i] += values[i];
    const squared = this.layout.totalSum("summedSquared");
    for (let i = 0; i < count; i++) tally[squared + (i & LANE)] += summed[i] * summed[i];
  }

  private addMerged(steps: TiesSteps, parameters: MergeParameters, count: number, tally: Tally): void {
    const { layout } = this;
    const { merged, gammaBeforeZeroSign: gamma } = steps;
    const squared = layout.totalSum("mergedSquared");
    const ifPositive = layout.totalSum("mergedSquaredIfPositive");
    const ifNegative = layout.totalSum("mergedSquaredIfNegative");
    let positive = 0;
    let negative = 0;
    let cancelled = 0;
    for (let i = 0; i < count; i++) {
      const lane = i & LANE;
      if (gamma[i] !== 0) {
        if (gamma[i] > 0) positive++;
        else negative++;
        tally[squared + lane] += merged[i] * merged[i];
      } else if (this.positive[i] + this.negative[i] > 0) {
        cancelled++;
        const [up, down] = [mergedUnder(1, i, steps, parameters), mergedUnder(-1, i, steps, parameters)];
        tally[ifPositive + lane] += up * up;
        tally[ifNegative + lane] += down * down;
      }
    }
    tally[layout.total("electedPositive")] += positive;
    tally[layout.total("electedNegative")] += negative;
    tally[layout.total("cancelled")] += cancelled;
  }
}

/** τ_m of one entry that cancels, had it been given this sign; the same arithmetic as disjointMerge.ts. */
function mergedUnder(sign: 1 | -1, i: number, { votes, trimmed, merged }: TiesSteps, p: MergeParameters): number {
  const after = p.rules.weights === "after";
  const round = (value: number): number => inArithmeticOf(merged, value);
  const by = divisorOf(p.rules, p.leastDivisor);
  let sum = 0;
  let divisor = 0;
  for (let t = 0; t < votes.length; t++) {
    if (!(votes[t][i] * sign > 0)) continue;
    sum = round(sum + (after ? round(trimmed[t][i] * round(p.weights[t])) : votes[t][i]));
    divisor = round(divisor + (by === "count" ? 1 : round(p.weights[t])));
  }
  if (p.leastDivisor !== undefined) divisor = Math.max(divisor, round(p.leastDivisor));
  const smallest = p.leastDivisor === undefined ? SMALLEST_WEIGHT_SUM : Number.MIN_VALUE;
  return by !== "none" && Math.abs(divisor) >= smallest ? round(sum / divisor) : sum;
}
