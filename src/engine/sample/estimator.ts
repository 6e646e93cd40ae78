/**
 * Interference statistics from a sample, for any settings: the kernels that count the exact ones go through what is
 * held, every entry counts as often as it stands for, and the same is done with each replicate, whose own thresholds
 * its own entries give. How much the replicates differ says how far the figures may be off, thresholds and all.
 */
import type { MergeSet } from "../../protocol/mergeSet";
import { figureKinds, figuresLength, writeFigures } from "../../protocol/sample";
import type { ChunkOutcome, Kernels } from "../kernels/kernels";
import { majoritySign } from "../merge/elect";
import type { TrimRule } from "../merge/trim";
import type { TensorParameters } from "../plan/tensorParameters";
import { statisticsOf, type ModelFacts } from "../stats/statistics";
import { TallyLayout, type Tally } from "../stats/tally";
import { forEachChunk, stretchOf, type HeldStretch, type HeldTensor } from "./heldSample";
import { sampleOrders, type SampleOrder } from "./sampleOrder";
import { REPLICATES } from "./samplePlan";
import { ruleOfTensor, sampledRule, type SampledRule } from "./sampleThreshold";

/** 97.5 % point of Student's t with REPLICATES − 1 = 7 degrees of freedom. */
const STUDENT = 2.3646;
/**
 * The same where few entries make up most of a sum: replicates that miss them differ too little. Of 2.5 degrees of
 * freedom, with which the intervals hold for the rows and columns of very unlike size of the tests.
 */
const HEAVY_STUDENT = 3.58;
/** Where no entry of a sample has a property, fewer than three of as many would have with 95 % certainty. */
const NONE_SEEN = 3;

/** Settings of an opened set. */
export interface SampleSettings {
  rules: MergeSet["rules"];
  /** Of the opened set's models, those that take part, in their order. */
  members: readonly number[];
  /** Held tensors that share thresholds, with the share that trimming keeps, by member. */
  units: readonly { tensors: readonly number[]; densities: readonly number[] }[];
  /** By held tensor. */
  parameters: readonly TensorParameters[];
}

export interface SampledFigures {
  groups: string[];
  figures: Float64Array;
  margins: Float32Array;
}

/** What the kernels found wrong with a held entry. */
export type OnProblem = (tensor: HeldTensor, entry: number, outcome: ChunkOutcome) => void;

export class SampleEstimator {
  private readonly orders = new Map<string, SampleOrder[]>();
  private readonly rowsOf: readonly { tensors: readonly number[] }[];
  readonly groups: string[];

  constructor(
    private readonly tensors: readonly HeldTensor[],
    private readonly kernelsFor: (models: number) => Kernels,
    private readonly onProblem: OnProblem,
  ) {
    const all = tensors.map((_, at) => at);
    this.groups = [...new Set(tensors.map(({ group }) => group))];
    const byGroup = new Map<string, number[]>(this.groups.map((group) => [group, []]));
    tensors.forEach(({ group }, at) => byGroup.get(group)?.push(at));
    this.rowsOf = [
      { tensors: all },
      ...[...byGroup.values()].map((of) => ({ tensors: of })),
      ...all.map((at) => ({ tensors: [at] })),
    ];
  }

  /** Rows of the whole model, of every group, of every tensor; `betweenReplicates` may throw to cancel. */
  figures(settings: SampleSettings, betweenReplicates: () => void = () => undefined): SampledFigures {
    const n = settings.members.length;
    const length = figuresLength(n);
    const layout = new TallyLayout(n);
    const rules = this.rules(settings, null);
    const whole = this.tallies(settings, rules, null);
    const totals = addUp(layout, whole);
    const zeroSign = zeroSignOf(settings, totals, layout);
    const figures = new Float64Array(this.rowsOf.length * length);
    this.writeRows(settings, whole, rules, zeroSign, figures);
    const margins = new Float32Array(figures.length);
    if (this.isExact(settings, this.rowsOf[0].tensors))
      return { groups: this.groups, figures, margins: margins.fill(0) };
    const replicates = Array.from({ length: REPLICATES }, (_, replicate) => {
      betweenReplicates();
      const own = this.rules(settings, replicate);
      const rows = new Float64Array(figures.length);
      this.writeRows(settings, this.tallies(settings, own, replicate), own, zeroSign, rows);
      return rows;
    });
    this.writeMargins(settings, figures, replicates, margins);
    return { groups: this.groups, figures, margins };
  }

  /** The trim rules of each held tensor and the sign of what cancels, as far as the sample tells. */
  trimming(settings: SampleSettings): { rules: TrimRule[][]; zeroSign: 1 | -1; isExact: boolean } {
    const rules = this.rules(settings, null);
    const layout = new TallyLayout(settings.members.length);
    const zeroSign = zeroSignOf(settings, addUp(layout, this.tallies(settings, rules, null)), layout);
    const isExact = this.isExact(settings, this.rowsOf[0].tensors);
    return {
      // In a tensor that is not held whole, the entry that parts equal magnitudes is not known.
      rules: rules.map((own, at) =>
        this.tensors[at].whole
          ? own
          : own.map(({ threshold, tieEnd }) => ({ threshold, tieEnd: tieEnd > 0 ? Infinity : 0 })),
      ),
      zeroSign,
      isExact,
    };
  }

  /** Tally of some tensors together, and the sign of what cancels. */
  together(
    settings: SampleSettings,
    chosen: readonly number[],
  ): { tally: Tally; layout: TallyLayout; zeroSign: 1 | -1 } {
    const layout = new TallyLayout(settings.members.length);
    const rules = this.rules(settings, null);
    const tally = addUp(layout, this.tallies(settings, rules, null, chosen));
    return { tally, layout, zeroSign: zeroSignOf(settings, tally, layout) };
  }

  /** Whether the figures of some tensors are exact: the trim rules in force there are, and all entries are held. */
  private isExact(settings: SampleSettings, tensors: readonly number[]): boolean {
    const isKnown = ({ whole, wide }: HeldTensor): boolean => whole && !wide;
    if (settings.rules.trimScope === "model") return this.tensors.every(isKnown);
    return tensors.every((at) => isKnown(this.tensors[at]));
  }

  private rules(settings: SampleSettings, replicate: number | null): TrimRule[][] {
    const { members, units, rules } = settings;
    const byTensor: TrimRule[][] = this.tensors.map(() => []);
    for (const { tensors, densities } of units) {
      const held = tensors.map((at) => this.tensors[at]);
      const elements = held.reduce((sum, tensor) => sum + tensor.elements, 0);
      const key = tensors.length === this.tensors.length ? "" : tensors.join();
      members.forEach((model, t) => {
        const all = this.ordersOf(key, held, model);
        const orders = replicate === null || all.length === 1 ? all : [all[replicate]];
        const rule: SampledRule = sampledRule(orders, elements, densities[t], rules.trimTies);
        tensors.forEach((at, place) => {
          const { start, count } = stretchOf(this.tensors[at], replicate);
          // An order of all entries counts from the first of them, whichever are gone through.
          const ofAll = all.length === 1;
          const { threshold, tieEnd } = ruleOfTensor(rule, place, ofAll ? this.tensors[at].entries : count);
          byTensor[at].push({ threshold, tieEnd: tieEnd - (ofAll && !this.isExact(settings, [at]) ? start : 0) });
        });
      });
    }
    return byTensor;
  }

  private ordersOf(key: string, tensors: readonly HeldTensor[], model: number): SampleOrder[] {
    const name = `${model} ${key}`;
    const known = this.orders.get(name);
    if (known) return known;
    const orders = sampleOrders(tensors, model);
    this.orders.set(name, orders);
    return orders;
  }

  /** Tallies of tensors, scaled to all of their entries. */
  private tallies(
    settings: SampleSettings,
    rules: readonly TrimRule[][],
    replicate: number | null,
    chosen: readonly number[] | null = null,
  ): (Tally | null)[] {
    const layout = new TallyLayout(settings.members.length);
    const kernels = this.kernelsFor(settings.members.length);
    const wanted = chosen && new Set(chosen);
    // One piece of memory for all: thousands of small ones would cost more than what is counted.
    const room = new Float64Array(this.tensors.length * layout.length);
    return this.tensors.map((tensor, at) => {
      if (wanted && !wanted.has(at)) return null;
      const stretch = this.stretch(settings, tensor, at, replicate);
      const tally = room.subarray(at * layout.length, (at + 1) * layout.length);
      const ties = { rules: rules[at], zeroSign: 1 as const };
      forEachChunk(tensor, stretch, settings.members, (chunk) => {
        const outcome = kernels.merge(chunk, settings.parameters[at].parameters, ties, null, tally);
        if (outcome.nonFinite || outcome.weightSum >= 0) this.onProblem(tensor, stretch.start + chunk.start, outcome);
      });
      for (let i = 0; i < tally.length; i++) tally[i] *= stretch.weight;
      return tally;
    });
  }

  /** Of a tensor whose figures are exact, every replicate takes all. */
  private stretch(settings: SampleSettings, tensor: HeldTensor, at: number, replicate: number | null): HeldStretch {
    return stretchOf(tensor, replicate !== null && this.isExact(settings, [at]) ? null : replicate);
  }

  private writeRows(
    settings: SampleSettings,
    tallies: readonly (Tally | null)[],
    rules: readonly TrimRule[][],
    zeroSign: 1 | -1,
    to: Float64Array,
  ): void {
    const layout = new TallyLayout(settings.members.length);
    const length = figuresLength(settings.members.length);
    const groups = this.groups.map((_, group) =>
      addUp(
        layout,
        this.rowsOf[1 + group].tensors.map((at) => tallies[at]),
      ),
    );
    const sums = [addUp(layout, groups), ...groups];
    this.rowsOf.forEach(({ tensors }, row) => {
      const tally = sums[row] ?? tallies[tensors[0]];
      if (!tally) return;
      const isTensor = row > this.groups.length;
      const facts = this.factsOf(settings, tensors, isTensor, rules);
      writeFigures(statisticsOf(tally, layout, facts, zeroSign), to, row * length);
      // Known, not counted; weights round.
      to[row * length] = tensors.reduce((sum, at) => sum + this.tensors[at].elements, 0);
    });
  }

  /** As in the exact report: the density asked for, and the threshold where one holds for all of the tensors. */
  private factsOf(
    { members, units, rules: { trimScope }, parameters }: SampleSettings,
    tensors: readonly number[],
    isTensor: boolean,
    rules: readonly TrimRule[][],
  ): ModelFacts[] {
    const one = isTensor || (trimScope === "model" && units.length === 1);
    return members.map((_, t) => {
      let [sum, elements] = [0, 0];
      for (const at of tensors) {
        sum += parameters[at].densities[t] * this.tensors[at].elements;
        elements += this.tensors[at].elements;
      }
      const threshold = one ? (rules[tensors[0] ?? 0]?.[t]?.threshold ?? Infinity) : Infinity;
      return {
        density: tensors.length === 1 || elements === 0 ? (parameters[tensors[0]]?.densities[t] ?? 0) : sum / elements,
        threshold: Number.isFinite(threshold) ? threshold : null,
      };
    });
  }

  private writeMargins(
    settings: SampleSettings,
    figures: Float64Array,
    replicates: readonly Float64Array[],
    margins: Float32Array,
  ): void {
    const kinds = figureKinds(settings.members.length);
    const length = kinds.length;
    this.rowsOf.forEach(({ tensors }, row) => {
      if (this.isExact(settings, tensors)) return;
      const whole = tensors.every((at) => this.tensors[at].whole);
      const weights = tensors.map((at) => stretchOf(this.tensors[at], null).weight);
      // With a threshold a tensor, each rounds to its own entries, tensors of one shape in the same way.
      const aligned = settings.rules.trimScope === "tensor" ? weights.reduce((sum, weight) => sum + weight, 0) / 2 : 0;
      const entry = Math.max(aligned, Math.hypot(...weights));
      kinds.forEach(({ isCount, isFree, isHeavy }, figure) => {
        const at = row * length + figure;
        if (figure === 0 || (isFree && whole)) return;
        const error = standardError(replicates, at);
        // A sample counts in whole entries, and what it has not met is not therefore nowhere.
        const grain = isCount ? entry * (error > 0 ? 1 : NONE_SEEN) : 0;
        margins[at] = Number.isNaN(figures[at]) ? Number.NaN : (isHeavy ? HEAVY_STUDENT : STUDENT) * error + grain;
      });
    });
  }
}

/** Of the mean of the replicates. */
function standardError(replicates: readonly Float64Array[], at: number): number {
  let [sum, count] = [0, 0];
  for (const figures of replicates) {
    if (Number.isNaN(figures[at])) continue;
    sum += figures[at];
    count++;
  }
  if (count < 2) return 0;
  const mean = sum / count;
  let squares = 0;
  for (const figures of replicates) if (!Number.isNaN(figures[at])) squares += (figures[at] - mean) ** 2;
  return Math.sqrt(squares / (count - 1) / count);
}

function addUp(layout: TallyLayout, tallies: readonly (Tally | null)[]): Tally {
  const sum = layout.allocate();
  for (const tally of tallies) if (tally) for (let at = 0; at < sum.length; at++) sum[at] += tally[at];
  return sum;
}

const zeroSignOf = ({ rules }: SampleSettings, totals: Tally, layout: TallyLayout): 1 | -1 =>
  rules.zeroSign === "positive"
    ? 1
    : majoritySign(totals[layout.total("electedPositive")], totals[layout.total("electedNegative")]);
