/** The columns of the table of tensors: what each shows and how it is sorted. */
import type { Method, ModelChoice } from "../../src/protocol/mergeSet";
import type { InterferenceStatistics, Sampled } from "../../src/protocol/report";
import { approximately } from "../state/sampledStatistics";
import { statisticsOf } from "../statistics/catalogue";
import type { Statistic } from "../statistics/statistic";
import { statisticMargin } from "../statistics/statisticMargin";
import { formatExactly, formatStatistic } from "../statistics/statistic";
import { formatCount, formatWhole } from "../text/numbers";
import { t } from "../text/translate";

/** A line of the table, whether a tensor or a layer group. */
export interface TableLine {
  name: string;
  elements: number;
  /** Of the tensor; empty for a layer group. */
  shape: readonly number[];
  dtype: string;
  /** Null until it is computed. */
  statistics: Sampled<InterferenceStatistics> | null;
}

export interface Column {
  id: string;
  /** Columns that say the same of different models are one family: shown and hidden together, on one scale. */
  family: string;
  /** Short heading; the models' names stand below it where `models` has any. */
  label: string;
  /** What the figure means, in a sentence. */
  hint: string;
  models: readonly number[];
  /** A bar in the cell, from 0 to the largest. */
  bar: "share" | "none";
  align: "start" | "end";
  /** Sorted this way on the first click: the worst first. */
  descendingFirst: boolean;
  value(line: TableLine): number | string | null;
  format(line: TableLine): string;
  /** The exact figure, where the cell rounds. */
  exact(line: TableLine): string;
}

/** What the table shows until somebody chooses; the name is always there. */
export const DEFAULT_FAMILIES: readonly string[] = ["elements", "conflict", "agreement", "kept", "lost"];

/** Where less is worse, so that the first click brings the lowest up. */
const LOWEST_FIRST = new Set(["agreement", "cosine"]);

export function tableColumns(models: readonly ModelChoice[], method: Method): Column[] {
  return [
    textColumn("name", t("Name"), t("Layer or tensor"), ({ name }) => name),
    textColumn("shape", t("Shape"), t("Shape of the tensor"), ({ shape }) => shape.join(" × ")),
    textColumn("dtype", t("Dtype"), t("Dtype in the base"), ({ dtype }) => dtype),
    {
      ...textColumn("elements", t("Parameters"), t("Number of parameters"), () => ""),
      align: "end",
      descendingFirst: true,
      value: ({ elements }) => elements,
      format: ({ elements }) => formatCount(elements),
      exact: ({ elements }) => formatWhole(elements),
    },
    ...statisticsOf(models, method).map(statisticColumn),
  ];
}

const textColumn = (id: string, label: string, hint: string, text: (line: TableLine) => string): Column => ({
  id,
  family: id,
  label,
  hint,
  models: [],
  bar: "none",
  align: "start",
  descendingFirst: false,
  value: text,
  format: text,
  exact: text,
});

function statisticColumn(statistic: Statistic): Column {
  const { id, family, label, hint, models, unit } = statistic;
  const value = ({ statistics }: TableLine): number | null => (statistics ? statistic.value(statistics) : null);
  return {
    id,
    family,
    label,
    hint,
    models,
    bar: unit === "share" ? "share" : "none",
    align: "end",
    descendingFirst: !LOWEST_FIRST.has(family),
    value,
    format: (line) => approximately(line.statistics, formatStatistic(unit, value(line))),
    exact: (line) => exactText(line, statistic),
  };
}

/** With all digits; of an estimate with how far it may be off. */
function exactText({ statistics }: TableLine, statistic: Statistic): string {
  const value = statistics ? statistic.value(statistics) : null;
  const margin = statistics ? statisticMargin(statistic, statistics) : null;
  if (margin === null) return approximately(statistics, formatExactly(statistic.unit, value));
  return `≈ ${formatStatistic(statistic.unit, value)} ± ${formatStatistic(statistic.unit, margin)}`;
}
