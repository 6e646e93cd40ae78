/** What a cell of the map shows of the chosen statistic. */
import type { InterferenceStatistics, Sampled } from "../../src/protocol/report";
import type { TensorEntry } from "../state/inspectorState";
import type { StatisticsRows } from "../state/shownRows";
import type { Statistic } from "../statistics/statistic";
import { formatExactly, formatStatistic } from "../statistics/statistic";
import { statisticMargin } from "../statistics/statisticMargin";
import { aggregateStatistics } from "../table/aggregate";

export type CellValue =
  | { kind: "pending" }
  /** `atMost`: the figure of all tensors together is not above this one, the largest of each. */
  | { kind: "counted"; value: number | null; atMost: boolean; sampled: boolean };

/** Statistics of all of the tensors together; null until each of them is counted. */
export function statisticsTogether(
  tensors: readonly TensorEntry[],
  rows: StatisticsRows,
): { together: InterferenceStatistics; parts: readonly Sampled<InterferenceStatistics>[] } | null {
  const parts = rows.partsOf(tensors);
  const together = parts && aggregateStatistics(parts);
  return together && { together, parts };
}

export function cellValue(statistic: Statistic, tensors: readonly TensorEntry[], rows: StatisticsRows): CellValue {
  const whole = tensors.some(({ broken }) => broken) ? tensors.filter(({ broken }) => !broken) : tensors;
  if (whole.length === 0 && tensors.length > 0) return { kind: "counted", value: null, atMost: false, sampled: false };
  const counted = statisticsTogether(whole, rows);
  if (!counted) return { kind: "pending" };
  const value = statistic.value(counted.together);
  const sampled = counted.parts.some(({ margins }) => margins !== undefined);
  if (value !== null || statistic.family !== "lost") return { kind: "counted", value, atMost: false, sampled };
  // A mean lies not above the largest of what it is the mean of, whatever the weights.
  const each = counted.parts.flatMap((part) => statistic.value(part) ?? []);
  return { kind: "counted", value: each.length > 0 ? Math.max(...each) : null, atMost: each.length > 0, sampled };
}

/** The tensor that opens: the one whose figure is largest, or the one with most parameters while none is counted. */
export function openedTensor(
  statistic: Statistic,
  tensors: readonly TensorEntry[],
  rows: StatisticsRows,
): TensorEntry | undefined {
  const size = (tensor: TensorEntry): number => {
    const row = rows.get(tensor.name);
    return (row && statistic.value(row)) ?? -1;
  };
  return [...tensors].sort((a, b) => size(b) - size(a) || b.elements - a.elements)[0];
}

export function valueText({ unit }: Statistic, cell: CellValue, exactly = false): string {
  if (cell.kind === "pending") return "";
  const text = exactly ? formatExactly(unit, cell.value) : formatStatistic(unit, cell.value);
  if (cell.value === null) return text;
  return `${cell.sampled ? "≈ " : ""}${cell.atMost ? "≤ " : ""}${text}`;
}

/** `± 0.2 %`, half the 95 % interval, where a figure was estimated as one; empty elsewhere. */
export function marginText(statistic: Statistic, tensors: readonly TensorEntry[], rows: StatisticsRows): string {
  const parts = rows.partsOf(tensors);
  const [only] = parts ?? [];
  const margin = only && parts?.length === 1 ? statisticMargin(statistic, only) : null;
  return margin === null ? "" : `± ${formatStatistic(statistic.unit, margin)}`;
}
