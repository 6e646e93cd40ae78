/** Puts a report together from what the workers counted, tensor by tensor. */
import { majoritySign } from "../engine/merge/elect";
import type { TrimRule } from "../engine/merge/trim";
import { resolvedRecipe } from "../engine/plan/resolvedRecipe";
import { layerGroup } from "../protocol/layerGroup";
import { statisticsOf, type ModelFacts } from "../engine/stats/statistics";
import { addTally, TallyLayout, type Tally } from "../engine/stats/tally";
import { REPORT_FORMAT, type InterferenceReport, type TensorStatistics } from "../protocol/report";
import type { PreparedSet } from "./preparedSet";

export class ReportBuilder {
  private readonly layout: TallyLayout;
  private readonly tallies = new Map<number, { tally: Tally; rules: readonly TrimRule[] }>();

  /** Entries with γ > 0 and with γ < 0, in all tensors added so far. */
  private positive = 0;
  private negative = 0;

  constructor(private readonly prepared: PreparedSet) {
    this.layout = new TallyLayout(prepared.models.length);
  }

  /** Takes the tallies of one tensor's segments, in their order. Its statistics, `zeroSign` given so far. */
  add(tensor: number, segments: readonly (Tally | null)[], rules: readonly TrimRule[]): TensorStatistics {
    const tally = this.layout.allocate();
    for (const segment of segments) if (segment) addTally(tally, segment);
    this.tallies.set(tensor, { tally, rules });
    this.positive += tally[this.layout.total("electedPositive")];
    this.negative += tally[this.layout.total("electedNegative")];
    return this.rowOf(tensor, this.zeroSign());
  }

  /** The sign of cancelled entries, from all tensors added so far. */
  zeroSign(): 1 | -1 {
    if (this.prepared.set.rules.zeroSign === "positive") return 1;
    return majoritySign(this.positive, this.negative);
  }

  build(): InterferenceReport {
    const { set, notes } = this.prepared;
    const zeroSign = this.zeroSign();
    const order = [...this.tallies.keys()].sort((a, b) => a - b);
    const totals = this.layout.allocate();
    const groups = new Map<string, { tally: Tally; tensors: number[] }>();
    for (const index of order) {
      const { tally } = this.tallies.get(index) ?? { tally: this.layout.allocate() };
      const name = layerGroup(this.prepared.tensors[index].name);
      const group = groups.get(name) ?? { tally: this.layout.allocate(), tensors: [] };
      groups.set(name, group);
      group.tensors.push(index);
      addTally(group.tally, tally);
      addTally(totals, tally);
    }
    return {
      format: REPORT_FORMAT,
      recipe: resolvedRecipe(set),
      models: set.models.map(({ name, path }) => ({ name, path })),
      notes,
      totals: statisticsOf(totals, this.layout, this.factsOf(order), zeroSign),
      groups: [...groups].map(([name, { tally, tensors }]) => {
        return { name, ...statisticsOf(tally, this.layout, this.factsOf(tensors), zeroSign) };
      }),
      tensors: order.map((index) => this.rowOf(index, zeroSign)),
    };
  }

  private rowOf(tensor: number, zeroSign: 1 | -1): TensorStatistics {
    const { name, shape, dtype } = this.prepared.tensors[tensor];
    const { tally, rules } = this.tallies.get(tensor) ?? { tally: this.layout.allocate(), rules: [] };
    const { densities } = this.prepared.parameters[tensor];
    const facts = densities.map((density, t) => ({ density, threshold: finite(rules[t]) }));
    return { name, shape, dtype, ...statisticsOf(tally, this.layout, facts, zeroSign) };
  }

  /**
   * Of several tensors: the share of their entries that was asked for, and the threshold where one held for all:
   * in model scope, unless densities differ.
   */
  private factsOf(tensors: readonly number[]): ModelFacts[] {
    const { set, units, parameters } = this.prepared;
    const [first] = this.tallies.values();
    const isOne = set.rules.trimScope === "model" && units.length === 1 && first !== undefined;
    return set.models.map(({ density }, t) => ({
      density: set.slices ? this.meanOver(tensors, (index) => parameters[index].densities[t]) : density,
      threshold: isOne ? finite(first.rules[t]) : null,
    }));
  }

  /** Mean over the entries of tensors. */
  private meanOver(indices: readonly number[], valueOf: (index: number) => number): number {
    const { tensors } = this.prepared;
    const sum = (of: (index: number) => number): number => indices.reduce((total, index) => total + of(index), 0);
    return (
      sum((index) => tensors[index].elements * valueOf(index)) /
      Math.max(
        1,
        sum((index) => tensors[index].elements),
      )
    );
  }
}

const finite = (rule: TrimRule | undefined): number | null =>
  rule && !rule.random && !rule.sce && Number.isFinite(rule.threshold) ? rule.threshold : null;
