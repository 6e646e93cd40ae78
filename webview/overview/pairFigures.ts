/** What the pairs' matrix shows: of the whole model, or of one layer. */
import type { InterferenceStatistics, PairStatistics, Sampled } from "../../src/protocol/report";
import type { InspectorState } from "../state/inspectorState";
import { statisticsTogether } from "./cellValue";

/** Null until all of it is counted. */
export function scopeStatistics(
  { opened, rows, totals }: Pick<InspectorState, "opened" | "rows" | "totals">,
  layer: string | null,
): Sampled<InterferenceStatistics> | null {
  if (layer === null || !opened) return totals;
  const inside = opened.tensors.filter(({ name }) => name.replaceAll("/", ".").startsWith(`${layer}.`));
  const counted = statisticsTogether(inside, rows);
  const margins = counted?.parts.find((part) => part.margins)?.margins;
  return counted && { ...counted.together, ...(margins ? { margins } : {}) };
}

export const pairOf = (statistics: InterferenceStatistics | null, a: number, b: number): PairStatistics | undefined =>
  statistics?.pairs.find(({ i, j }) => i === Math.min(a, b) && j === Math.max(a, b));

/** Null where the two keep nothing in common. */
export const disagreeShare = (pair: PairStatistics | undefined): number | null =>
  pair && pair.bothKept > 0 ? pair.disagree / pair.bothKept : null;

/** Signs thrown by chance disagree half the time: the end of the scale, unless some pair disagrees more. */
export function disagreeEnd(statistics: InterferenceStatistics | null): number {
  const largest = Math.max(0, ...(statistics?.pairs ?? []).map((pair) => disagreeShare(pair) ?? 0));
  return largest > 0.5 ? 1 : 0.5;
}
