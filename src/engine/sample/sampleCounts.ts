/** Goes through what a sample holds with the kernels that count the exact statistics, for any settings. */
import type { Places } from "../../protocol/places";
import type { MergeSet } from "../../protocol/mergeSet";
import type { ChunkOutcome, Kernels } from "../kernels/kernels";
import type { TrimRule } from "../merge/trim";
import type { TensorParameters } from "../plan/tensorParameters";
import { addTally, TallyLayout, type Tally } from "../stats/tally";
import { forEachChunk, stretchOf, type HeldTensor } from "./heldSample";
import { joinTensors } from "./joinedPlace";
import { sampleOrder, type SampleOrder } from "./sampleOrder";
import { ruleOfTensor, sampledRule } from "./sampleThreshold";

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

/** What the kernels found wrong with a held entry. */
export type OnProblem = (tensor: HeldTensor, entry: number, outcome: ChunkOutcome) => void;

/** Tallies of a pass through the sample; of tensors where they are wanted. */
export interface Pass {
  places: Tally[];
  tensors: Tally[] | null;
}

/** Tensors or places that are counted without a pause: some milliseconds. */
export const AT_ONCE = 512;

/** How the sample is gone through. */
interface Gone {
  settings: SampleSettings;
  rules: readonly TrimRule[][];
  /** Null: all of it. */
  replicate: number | null;
  scratch: Tally;
}

export class SampleCounts {
  private readonly orders = new Map<string, SampleOrder>();
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
  }

  /** Whether the figures of some tensors are exact: the trim rules in force there are, and all entries are held. */
  isExact(settings: SampleSettings, tensors: readonly number[]): boolean {
    return settings.rules.trimScope === "model" ? this.allKnown : tensors.every((at) => this.isKnown[at]);
  }

  /** Trim rules by held tensor and member. @param replicate whose own entries give them; null: the whole sample. */
  rules(settings: SampleSettings, replicate: number | null): TrimRule[][] {
    const { members, units, rules } = settings;
    const byTensor: TrimRule[][] = this.tensors.map(() => []);
    for (const { tensors, densities } of units) {
      const held = tensors.map((at) => this.tensors[at]);
      const elements = held.reduce((sum, tensor) => sum + tensor.elements, 0);
      // Where all entries are held their order counts from the first of them, whichever are gone through.
      const ofAll = held.every(({ whole }) => whole);
      const key = tensors.length === this.tensors.length ? "" : tensors.join();
      members.forEach((model, t) => {
        const order = this.orderOf(key, held, model, ofAll ? null : replicate);
        const rule = sampledRule(order, elements, densities[t], rules.trimTies);
        tensors.forEach((at, place) => {
          const { threshold, tieEnd } = ruleOfTensor(rule, place);
          const start = ofAll && !this.isExact(settings, [at]) ? stretchOf(this.tensors[at], replicate).start : 0;
          byTensor[at].push({ threshold, tieEnd: tieEnd - start });
        });
      });
    }
    return byTensor;
  }

  private orderOf(key: string, tensors: readonly HeldTensor[], model: number, replicate: number | null): SampleOrder {
    const name = `${model} ${replicate ?? ""} ${key}`;
    const known = this.orders.get(name);
    if (known) return known;
    const order = sampleOrder(tensors, model, replicate);
    this.orders.set(name, order);
    return order;
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
    const gone = { settings, rules, replicate, scratch: new Float64Array(length) };
    if (!ofTensors) {
      for (const [place, sum] of places.entries()) {
        if (place % AT_ONCE === AT_ONCE - 1) await between();
        this.addPlace(gone, place, sum);
      }
      return { places, tensors: null };
    }
    const tensors = rooms(this.tensors.length);
    for (const [at, tally] of tensors.entries()) {
      if (at % AT_ONCE === AT_ONCE - 1) await between();
      this.addTensor(gone, at, tally);
      addTally(places[this.places.of[at]], tally);
    }
    return { places, tensors };
  }

  /** Tally of some tensors together. */
  some(settings: SampleSettings, rules: readonly TrimRule[][], chosen: readonly number[]): Tally {
    const wanted = new Set(chosen);
    const layout = new TallyLayout(settings.members.length);
    const gone = { settings, rules, replicate: null, scratch: layout.allocate() };
    const sum = layout.allocate();
    this.places.tensors.forEach((tensors, place) => {
      const inside = tensors.filter((at) => wanted.has(at));
      if (inside.length === tensors.length) this.addPlace(gone, place, sum);
      else for (const at of inside) this.addTensor(gone, at, sum);
    });
    return sum;
  }

  /** Adds the tally of a place's tensors: at once where they are merged alike. */
  private addPlace(gone: Gone, place: number, sum: Tally): void {
    const tensors = this.places.tensors[place];
    const joined = this.areAlike(gone, tensors) ? this.joinedOf(place) : null;
    if (joined && this.add(gone, joined, tensors[0], sum, () => false)) return;
    for (const at of tensors) this.addTensor(gone, at, sum);
  }

  private areAlike({ settings: { parameters }, rules }: Gone, [first, ...others]: readonly number[]): boolean {
    return others.every(
      (at) =>
        parameters[at].parameters === parameters[first].parameters &&
        rules[at].every(
          ({ threshold, tieEnd }, t) => threshold === rules[first][t].threshold && tieEnd === rules[first][t].tieEnd,
        ),
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
    this.add(gone, tensor, at, sum, (entry, outcome) => {
      this.onProblem(tensor, entry, outcome);
      return true;
    });
  }

  /**
   * Adds the tally of what is held, scaled to all entries.
   * @param at whose rules and parameters hold; @param onProblem says whether to go on. @returns false where it did not.
   */
  private add(
    { settings, rules, replicate, scratch }: Gone,
    held: HeldTensor,
    at: number,
    sum: Tally,
    onProblem: (entry: number, outcome: ChunkOutcome) => boolean,
  ): boolean {
    const { members, parameters } = settings;
    // Of a tensor whose figures are exact, every replicate takes all.
    const stretch = stretchOf(held, replicate !== null && this.isExact(settings, [at]) ? null : replicate);
    const kernels = this.kernelsFor(members.length);
    const ties = { rules: rules[at], zeroSign: 1 as const };
    scratch.fill(0);
    let isSound = true;
    forEachChunk(held, stretch, members, (chunk) => {
      if (!isSound) return;
      const outcome = kernels.merge(chunk, parameters[at].parameters, ties, null, scratch);
      if (outcome.nonFinite || outcome.weightSum >= 0) isSound = onProblem(stretch.start + chunk.start, outcome);
    });
    if (isSound) for (let i = 0; i < scratch.length; i++) sum[i] += scratch[i] * stretch.weight;
    return isSound;
  }
}

export function addUp(layout: TallyLayout, tallies: readonly Tally[]): Tally {
  const sum = layout.allocate();
  for (const tally of tallies) addTally(sum, tally);
  return sum;
}
