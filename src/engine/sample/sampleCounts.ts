/** Goes through what a sample holds with the kernels that count the exact statistics, for any settings. */
import type { Places } from "../../protocol/places";
import type { MergeSet } from "../../protocol/mergeSet";
import type { ChunkOutcome, Kernels } from "../kernels/kernels";
import { withShares } from "../merge/sce";
import type { TrimRule } from "../merge/trim";
import type { TensorParameters } from "../plan/tensorParameters";
import { addTally, TallyLayout, type Tally } from "../stats/tally";
import { Breather } from "./breather";
import { forEachChunk, stretchOf, type HeldStretch, type HeldTensor } from "./heldSample";
import { joinTensors } from "./joinedPlace";
import { MaskedPass } from "./maskedPass";
import { MaskedSample } from "./maskedSample";
import { SampleMagnitudes } from "./sampleMagnitudes";
import { areAlike, isMasked, sharesOf, type SampleMasks } from "./sampleMasks";
import { isCut, ruleOfTensor, sampledRule, type SampledRule } from "./sampleThreshold";

/** Settings of an opened set. */
export interface SampleSettings {
  rules: MergeSet["rules"];
  /** Of the opened set's models, those that take part, in their order. */
  members: readonly number[];
  /** Held tensors that share thresholds, with the share that trimming keeps, by member. */
  units: readonly { tensors: readonly number[]; densities: readonly number[] }[];
  /** By held tensor. */
  parameters: readonly TensorParameters[];
  /** Null: what is largest is kept. */
  masks: SampleMasks | null;
}

/** What the kernels found wrong with a held entry. */
export type OnProblem = (tensor: HeldTensor, entry: number, outcome: ChunkOutcome) => never;

/** Tallies of a pass through the sample; of tensors where they are wanted. */
export interface Pass {
  places: Tally[];
  tensors: Tally[] | null;
}

/** How the sample is gone through. */
interface Gone {
  settings: SampleSettings;
  rules: readonly TrimRule[][];
  /** Null: all of it. */
  replicate: number | null;
  scratch: Tally;
  /** Where masks are applied before the kernels count; null: the kernels know them. */
  masked: MaskedPass | null;
}

export class SampleCounts {
  private readonly magnitudes: SampleMagnitudes;
  private readonly masked: MaskedSample;
  private readonly joined = new Map<number, HeldTensor | null>();
  /** All entries are held, and in the precision that the trim rules of tensors that are need. */
  private readonly isKnown: readonly boolean[];
  private readonly allKnown: boolean;

  constructor(
    private readonly tensors: readonly HeldTensor[],
    private readonly places: Places,
    private readonly kernelsFor: (models: number) => Kernels,
    private readonly onProblem: OnProblem,
  ) {
    this.isKnown = tensors.map(({ whole, wide }) => whole && !wide);
    this.allKnown = this.isKnown.every(Boolean);
    this.magnitudes = new SampleMagnitudes(tensors);
    this.masked = new MaskedSample(tensors, kernelsFor);
  }

  /** Whether the figures of some tensors are exact: the trim rules in force there are, and all entries are held. */
  isExact(settings: SampleSettings, tensors: readonly number[]): boolean {
    const byModel = settings.rules.trimScope === "model" && !isMasked(settings.masks);
    return byModel ? this.allKnown : tensors.every((at) => this.isKnown[at]);
  }

  /**
   * Trim rules by held tensor and member. @param replicate whose own entries give them; null: the whole sample.
   * @param between awaited now and then; may throw to cancel.
   */
  async rules(settings: SampleSettings, replicate: number | null, between: () => Promise<void>): Promise<TrimRule[][]> {
    const { members, units, rules, masks } = settings;
    const breather = new Breather(between);
    if (isMasked(masks)) {
      return this.masked.rules(settings, masks, (at) => (this.isKnown[at] ? "all" : replicate), breather);
    }
    const byTensor = new Array<TrimRule[]>(this.tensors.length).fill([]);
    const [orders, ordersOfAll] = [replicate, null].map((which) =>
      members.map((model) => this.magnitudes.ordersOf(model, which)),
    );
    for (const { tensors, densities } of units) {
      const elements = tensors.reduce((sum, at) => sum + this.tensors[at].elements, 0);
      // Where all entries are held their order counts from the first of them, whichever are gone through.
      const ofAll = tensors.every((at) => this.tensors[at].whole);
      const starts = ofAll ? tensors.map((at) => this.startIn(settings, at, replicate)) : null;
      const name = this.magnitudes.nameOf(tensors);
      const shares = sharesOf(masks, elements, densities);
      const found: { kept: SampledRule; outliers: SampledRule | null }[] = [];
      for (const [t, model] of members.entries()) {
        const known = (ofAll ? ordersOfAll : orders)[t];
        let order = known.get(name);
        if (!order) {
          order = await this.magnitudes.order(tensors, model, ofAll ? null : replicate, breather);
          known.set(name, order);
          const pause = breather.after(1, order.length);
          if (pause) await pause;
        }
        const ruleOf = (share: number): SampledRule => sampledRule(order, elements, share, rules.trimTies);
        found.push({ kept: ruleOf(shares.kept[t]), outliers: shares.outliers && ruleOf(shares.outliers[t]) });
      }
      const rulesAt = (place: number): TrimRule[] =>
        found.map(({ kept, outliers }) => {
          const start = starts?.[place] ?? 0;
          const rule = ruleOfTensor(kept, place, start);
          return outliers ? { ...rule, outliers: ruleOfTensor(outliers, place, start) } : rule;
        });
      // As a rule all tensors of a unit have the same ones, and share them.
      const parted = found.some(({ kept, outliers }) => isCut(kept) || (outliers && isCut(outliers)));
      const shared = starts === null && !parted ? rulesAt(0) : null;
      tensors.forEach((at, place) => (byTensor[at] = shared ?? rulesAt(place)));
      const pause = breather.after(1);
      if (pause) await pause;
    }
    return byTensor;
  }

  /** Where a replicate begins in a tensor that is held whole. */
  private startIn(settings: SampleSettings, at: number, replicate: number | null): number {
    return this.isExact(settings, [at]) ? 0 : stretchOf(this.tensors[at], replicate).start;
  }

  /** @param replicate null: the whole sample. @param between awaited now and then; may throw to cancel. */
  async pass(
    settings: SampleSettings,
    rules: readonly TrimRule[][],
    replicate: number | null,
    ofTensors: boolean,
    between: () => Promise<void>,
  ): Promise<Pass> {
    const { length } = new TallyLayout(settings.members.length);
    // One piece of memory for all: thousands of small ones would cost more than what is counted.
    const rooms = (count: number): Tally[] => {
      const room = new Float64Array(count * length);
      return Array.from({ length: count }, (_, at) => room.subarray(at * length, (at + 1) * length));
    };
    const places = rooms(this.places.tensors.length);
    const breather = new Breather(between);
    const masked = await this.maskedPass(settings, breather);
    const gone = { settings, rules, replicate, scratch: new Float64Array(length), masked };
    const entriesOf = (at: number): number => stretchOf(this.tensors[at], replicate).count * settings.members.length;
    if (!ofTensors) {
      for (const [place, sum] of places.entries()) {
        this.addPlace(gone, place, sum);
        masked?.flush();
        const of = this.places.tensors[place];
        const entries = of.reduce((sum, at) => sum + entriesOf(at), 0);
        const pause = breather.after(1, entries);
        if (pause) await pause;
      }
      return { places, tensors: null };
    }
    const tensors = rooms(this.tensors.length);
    for (const [at, tally] of tensors.entries()) {
      this.addTensor(gone, at, tally);
      masked?.flush();
      addTally(places[this.places.of[at]], tally);
      const pause = breather.after(1, entriesOf(at));
      if (pause) await pause;
    }
    return { places, tensors };
  }

  /** Tally of some tensors together. @param between awaited now and then; may throw to cancel. */
  async some(
    settings: SampleSettings,
    rules: readonly TrimRule[][],
    chosen: readonly number[],
    between: () => Promise<void>,
  ): Promise<Tally> {
    const wanted = new Set(chosen);
    const layout = new TallyLayout(settings.members.length);
    const breather = new Breather(between);
    const masked = await this.maskedPass(settings, breather);
    const gone = { settings, rules, replicate: null, scratch: layout.allocate(), masked };
    const sum = layout.allocate();
    for (const [place, tensors] of this.places.tensors.entries()) {
      const inside = tensors.filter((at) => wanted.has(at));
      if (inside.length === tensors.length) this.addPlace(gone, place, sum);
      else for (const at of inside) this.addTensor(gone, at, sum);
      masked?.flush();
      const entries = inside.reduce((count, at) => count + this.tensors[at].entries, 0);
      const pause = breather.after(1, entries * settings.members.length);
      if (pause) await pause;
    }
    return sum;
  }

  /** Adds the tally of a place's tensors: at once where they are merged alike. */
  private addPlace(gone: Gone, place: number, sum: Tally): void {
    const tensors = this.places.tensors[place];
    const joined = !gone.masked && this.areMergedAlike(gone, tensors) ? this.joinedOf(place) : null;
    if (joined && this.add(gone, joined, tensors[0], sum, () => false)) return;
    for (const at of tensors) this.addTensor(gone, at, sum);
  }

  private areMergedAlike({ settings: { parameters }, rules }: Gone, [first, ...others]: readonly number[]): boolean {
    return others.every(
      (at) =>
        parameters[at].parameters === parameters[first].parameters &&
        (rules[at] === rules[first] || rules[at].every((rule, t) => areAlike(rule, rules[first][t]))),
    );
  }

  private joinedOf(place: number): HeldTensor | null {
    const known = this.joined.get(place);
    if (known !== undefined) return known;
    const joined = joinTensors(this.places.tensors[place].map((at) => this.tensors[at]));
    this.joined.set(place, joined);
    return joined;
  }

  private addTensor(gone: Gone, at: number, sum: Tally): void {
    const tensor = this.tensors[at];
    const { masked, rules, settings } = gone;
    if (masked && !tensor.wide) {
      masked.add(at, this.stretchIn(gone, tensor, at), settings.parameters[at], rules[at], sum);
      return;
    }
    this.add(gone, tensor, at, sum, (entry, outcome) => this.onProblem(tensor, entry, outcome));
  }

  /**
   * Adds the tally of what is held, scaled to all entries.
   * @param at whose rules and parameters hold; @param onProblem says whether to go on. @returns false where it did not.
   */
  private add(
    gone: Gone,
    held: HeldTensor,
    at: number,
    sum: Tally,
    onProblem: (entry: number, outcome: ChunkOutcome) => boolean,
  ): boolean {
    const { settings, rules, scratch } = gone;
    const { members, parameters } = settings;
    const stretch = this.stretchIn(gone, held, at);
    const kernels = this.kernelsFor(members.length);
    const ties = { rules: rules[at], zeroSign: 1 as const };
    scratch.fill(0);
    let isSound = true;
    forEachChunk(held, stretch, members, (chunk) => {
      if (!isSound) return;
      const outcome = kernels.merge(chunk, withShares(parameters[at].parameters, rules[at]), ties, null, scratch);
      if (outcome.nonFinite || outcome.weightSum >= 0) isSound = onProblem(stretch.start + chunk.start, outcome);
    });
    if (isSound) for (let i = 0; i < scratch.length; i++) sum[i] += scratch[i] * stretch.weight;
    return isSound;
  }

  /** Of a tensor whose figures are exact, every replicate takes all. */
  private stretchIn({ settings, replicate }: Gone, held: HeldTensor, at: number): HeldStretch {
    return stretchOf(held, replicate !== null && this.isExact(settings, [at]) ? null : replicate);
  }

  private async maskedPass(settings: SampleSettings, breather: Breather): Promise<MaskedPass | null> {
    if (!isMasked(settings.masks)) return null;
    const models = await this.masked.models(settings, breather);
    return new MaskedPass(models, (at, entry, outcome) => this.onProblem(this.tensors[at], entry, outcome));
  }
}

export function addUp(layout: TallyLayout, tallies: readonly Tally[]): Tally {
  const sum = layout.allocate();
  for (const tally of tallies) addTally(sum, tally);
  return sum;
}
