/** How far a statistic may be off that follows from several estimated figures. */
import type { InterferenceStatistics, Sampled } from "../../src/protocol/report";
import { hasMargins } from "../state/sampledStatistics";
import type { Statistic } from "./statistic";

/**
 * Half of its 95 % interval: what it moves by when one figure after the other moves by its own margin, summed in squares
 * as if they moved independently. Null where it is exact, where there is none, and where nothing can be said.
 */
export function statisticMargin(statistic: Statistic, sampled: Sampled<InterferenceStatistics>): number | null {
  const { margins } = sampled;
  const value = statistic.value(sampled);
  if (!margins || !hasMargins(margins) || value === null) return null;
  let squares = 0;
  for (const moved of eachMoved(sampled, margins, statistic.models)) {
    const other = statistic.value(moved);
    if (other !== null && Number.isNaN(other)) return null;
    if (other !== null && Number.isFinite(other)) squares += (other - value) ** 2;
  }
  return Math.sqrt(squares);
}

function* eachMoved(
  all: InterferenceStatistics,
  margins: InterferenceStatistics,
  models: readonly number[],
): Generator<InterferenceStatistics> {
  const moved = (value: number | null, by: number | null): number => (value ?? 0) + (by ?? 0);
  for (const key of ["conflict", "conflictBefore", "agreement", "mergedNorm", "meanNorm"] as const) {
    yield { ...all, [key]: moved(all[key], margins[key]) };
  }
  for (const key of ["positive", "negative", "cancelled"] as const) {
    yield { ...all, elected: { ...all.elected, [key]: moved(all.elected[key], margins.elected[key]) } };
  }
  yield { ...all, overlap: all.overlap.map((count, at) => (at === 0 ? count + (margins.overlap[0] ?? 0) : count)) };
  const [model] = models;
  if (models.length === 1 && model !== undefined && all.models[model] && margins.models[model]) {
    const [own, by] = [all.models[model], margins.models[model]];
    for (const key of ["threshold", "kept", "positive", "negative", "norm", "keptNorm", "lost", "lostMass"] as const) {
      const changed = { ...own, [key]: moved(own[key], by[key]) };
      yield { ...all, models: all.models.map((other, at) => (at === model ? changed : other)) };
    }
  }
  if (models.length === 2) {
    for (const key of ["cosine", "bothKept", "disagree"] as const) {
      yield {
        ...all,
        pairs: all.pairs.map((pair, at) => ({ ...pair, [key]: moved(pair[key], margins.pairs[at]?.[key] ?? 0) })),
      };
    }
  }
}
