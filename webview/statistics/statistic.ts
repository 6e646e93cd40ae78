/** One figure of a tensor, a layer or the whole model: what it is called, means and looks like. */
import type { InterferenceStatistics } from "../../src/protocol/report";
import { formatCount, formatMagnitude, formatRatio, formatShare, formatWhole, NOTHING } from "../text/numbers";

/** `share`: 0 to 1, written as a percentage; `cosine`: −1 to 1; `ratio`: around 1; `norm`: an L2 norm or a magnitude. */
export type Unit = "share" | "cosine" | "ratio" | "norm" | "count";

export interface Statistic {
  /** Family, then the model or the pair: `conflict`, `kept 0`, `cosine 0 2`. */
  id: string;
  /** Statistics that say the same of different models are one family: one scale, one choice. */
  family: string;
  label: string;
  /** What the figure means, in a sentence. */
  hint: string;
  /** Indices of the models that it speaks of: none, one, or a pair. */
  models: readonly number[];
  unit: Unit;
  /** Null where there is no such figure, and where it cannot be told from what is there. */
  value(statistics: InterferenceStatistics): number | null;
}

/** As a cell shows it. */
export function formatStatistic(unit: Unit, value: number | null): string {
  if (value === null || Number.isNaN(value)) return NOTHING;
  switch (unit) {
    case "share":
      return formatShare(value);
    case "cosine":
    case "ratio":
      return formatRatio(value, 2);
    case "norm":
      return formatMagnitude(value);
    case "count":
      return formatCount(value);
  }
}

/** With the digits that the cell leaves out. */
export function formatExactly(unit: Unit, value: number | null): string {
  if (value === null || Number.isNaN(value)) return NOTHING;
  switch (unit) {
    case "share":
      return formatShare(value, 4);
    case "cosine":
    case "ratio":
      return formatRatio(value, 6);
    case "norm":
      return formatMagnitude(value, 6);
    case "count":
      return formatWhole(value);
  }
}
