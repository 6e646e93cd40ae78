/**
 * Interference statistics from a sample, for any settings: the kernels that count the exact ones go through what is
 * held, every entry counts as often as it stands for, and the same is done with each replicate, whose own thresholds
 * its own entries give. How much the replicates differ says how far the figures may be off, thresholds and all.
 */
import { placesOf, type Places } from "../../protocol/places";
import { figuresLength, writeFigures, type SampleDepth } from "../../protocol/sample";
import type { Kernels } from "../kernels/kernels";
import { majoritySign } from "../merge/elect";
import type { TrimRule } from "../merge/trim";
import { statisticsOf, type ModelFacts } from "../stats/statistics";
import { TallyLayout, type Tally } from "../stats/tally";
import type { HeldTensor } from "./heldSample";
import { ReplicateSpread } from "./replicateSpread";
import { Breather } from "./breather";
import { addUp, SampleCounts, type OnProblem, type Pass, type SampleSettings } from "./sampleCounts";
import { isMasked, ruleAnywhere } from "./sampleMasks";
import { writeMargins } from "./sampleMargins";
import { REPLICATES } from "./samplePlan";

export interface SampledFigures {
  groups: string[];
  places: number;
  figures: Float64Array;
  margins: Float32Array;
}

/** Rows of figures: the whole model, groups, places, and tensors where they are wanted. */
interface Row {
  tensors: readonly number[];
  /** Of them together. */
  elements: number;
  isTensor: boolean;
}

export class SampleEstimator {
  private readonly counts: SampleCounts;
  private readonly places: Places;
  /** Places of each group. */
  private readonly placesOfGroup: number[][];
  readonly groups: string[];
  /** Of the whole model, groups and places. */
  private readonly rows: readonly Row[];

  constructor(
    private readonly tensors: readonly HeldTensor[],
    kernelsFor: (models: number) => Kernels,
    onProblem: OnProblem,
  ) {
    this.groups = [...new Set(tensors.map(({ group }) => group))];
    this.places = placesOf(tensors);
    const group = new Map(this.groups.map((name, at) => [name, at]));
    this.placesOfGroup = this.groups.map(() => []);
    this.places.tensors.forEach(([first], place) =>
      this.placesOfGroup[group.get(tensors[first].group) ?? 0].push(place),
    );
    this.rows = this.commonRows();
    this.counts = new SampleCounts(tensors, this.places, kernelsFor, onProblem);
  }

  /**
   * @param between awaited now and then; may throw to cancel. @returns margins of NaN where they are not wanted,
   * of 0 where figures are exact.
   */
  async figures(settings: SampleSettings, depth: SampleDepth, between: () => Promise<void>): Promise<SampledFigures> {
    const n = settings.members.length;
    const rows = this.rowsOf(depth);
    const rules = await this.counts.rules(settings, null, between);
    const whole = await this.counts.pass(settings, rules, null, depth.tensors, between);
    const zeroSign = zeroSignOf(settings, addUp(new TallyLayout(n), whole.places), new TallyLayout(n));
    const figures = await this.figuresOf(settings, rows, whole, rules, zeroSign, between);
    const margins = new Float32Array(figures.length);
    const { groups, places } = this;
    const result = { groups, places: places.tensors.length, figures, margins };
    if (this.counts.isExact(settings, rows[0].tensors)) return result;
    if (!depth.margins) {
      const length = figuresLength(n);
      rows.forEach(({ tensors }, row) => {
        if (!this.counts.isExact(settings, tensors)) margins.fill(Number.NaN, row * length, (row + 1) * length);
      });
      return result;
    }
    const spread = new ReplicateSpread(figures.length);
    for (let replicate = 0; replicate < REPLICATES; replicate++) {
      await between();
      const own = await this.counts.rules(settings, replicate, between);
      const pass = await this.counts.pass(settings, own, replicate, depth.tensors, between);
      spread.add(await this.figuresOf(settings, rows, pass, own, zeroSign, between));
    }
    const open = rows.map(({ tensors }) => (this.counts.isExact(settings, tensors) ? null : tensors));
    await writeMargins({ tensors: this.tensors, settings, rows: open, figures, spread, margins }, between);
    return result;
  }

  /** The trim rules of each held tensor and the sign of what cancels, as far as the sample tells. */
  async trimming(
    settings: SampleSettings,
    between: () => Promise<void>,
  ): Promise<{ rules: TrimRule[][]; zeroSign: 1 | -1; isExact: boolean }> {
    const rules = await this.counts.rules(settings, null, between);
    const layout = new TallyLayout(settings.members.length);
    const { places } = await this.counts.pass(settings, rules, null, false, between);
    const zeroSign = zeroSignOf(settings, addUp(layout, places), layout);
    return {
      // In a tensor that is not held whole, the entry that parts equal magnitudes is not known.
      rules: rules.map((own, at) => (this.tensors[at].whole ? own : own.map(ruleAnywhere))),
      zeroSign,
      isExact: this.counts.isExact(settings, this.rowsOf({ tensors: false })[0].tensors),
    };
  }

  /** Tally of some tensors together, and the sign of what cancels. */
  async together(
    settings: SampleSettings,
    chosen: readonly number[],
    between: () => Promise<void>,
  ): Promise<{ tally: Tally; layout: TallyLayout; zeroSign: 1 | -1 }> {
    const layout = new TallyLayout(settings.members.length);
    const rules = await this.counts.rules(settings, null, between);
    const tally = await this.counts.some(settings, rules, chosen, between);
    return { tally, layout, zeroSign: zeroSignOf(settings, tally, layout) };
  }

  private rowsOf({ tensors }: Pick<SampleDepth, "tensors">): readonly Row[] {
    return tensors ? [...this.rows, ...this.tensorRows()] : this.rows;
  }

  private commonRows(): Row[] {
    const inside = (places: readonly number[]): number[] => places.flatMap((place) => this.places.tensors[place]);
    return [
      this.row([...this.tensors.keys()], false),
      ...this.placesOfGroup.map((places) => this.row(inside(places), false)),
      ...this.places.tensors.map((of) => this.row(of, of.length === 1)),
    ];
  }

  private tensorRows(): Row[] {
    return this.tensors.map((_, at) => this.row([at], true));
  }

  private row(tensors: readonly number[], isTensor: boolean): Row {
    const elements = tensors.reduce((sum, tensor) => sum + this.tensors[tensor].elements, 0);
    return { tensors, elements, isTensor };
  }

  private async figuresOf(
    settings: SampleSettings,
    rows: readonly Row[],
    { places, tensors }: Pass,
    rules: readonly TrimRule[][],
    zeroSign: 1 | -1,
    between: () => Promise<void>,
  ): Promise<Float64Array> {
    const layout = new TallyLayout(settings.members.length);
    const length = figuresLength(settings.members.length);
    const figures = new Float64Array(rows.length * length);
    const groups = this.placesOfGroup.map((of) =>
      addUp(
        layout,
        of.map((place) => places[place]),
      ),
    );
    const tallies = [addUp(layout, groups), ...groups, ...places, ...(tensors ?? [])];
    const breather = new Breather(between);
    const densities = sameDensities(settings);
    for (const [at, row] of rows.entries()) {
      const pause = breather.after(1);
      if (pause) await pause;
      const facts = this.factsOf(settings, row, rules, densities);
      writeFigures(statisticsOf(tallies[at], layout, facts, zeroSign), figures, at * length);
      // Known, not counted; weights round.
      figures[at * length] = row.elements;
    }
    return figures;
  }

  /** As in the exact report: the density asked for, and the threshold where one holds for all of the tensors. */
  private factsOf(
    { members, units, rules: { trimScope }, parameters, masks }: SampleSettings,
    { tensors, elements, isTensor }: Row,
    rules: readonly TrimRule[][],
    /** Of all tensors, where they have the same. */
    densities: readonly number[] | null,
  ): ModelFacts[] {
    const one = !isMasked(masks) && (isTensor || (trimScope === "model" && units.length === 1));
    const densityOf = (t: number): number => {
      if (tensors.length === 1 || elements === 0) return parameters[tensors[0]]?.densities[t] ?? 0;
      if (densities) return densities[t];
      let sum = 0;
      for (const at of tensors) sum += parameters[at].densities[t] * this.tensors[at].elements;
      return sum / elements;
    };
    return members.map((_, t) => {
      const threshold = one ? (rules[tensors[0] ?? 0]?.[t]?.threshold ?? Infinity) : Infinity;
      return {
        density: densityOf(t),
        threshold: Number.isFinite(threshold) ? threshold : null,
      };
    });
  }
}

/** The densities of all tensors, where they share them. */
function sameDensities({ parameters }: SampleSettings): readonly number[] | null {
  const [first] = parameters;
  return first && parameters.every((own) => own === first) ? first.densities : null;
}

const zeroSignOf = ({ rules }: SampleSettings, totals: Tally, layout: TallyLayout): 1 | -1 =>
  rules.zeroSign === "positive"
    ? 1
    : majoritySign(totals[layout.total("electedPositive")], totals[layout.total("electedNegative")]);
