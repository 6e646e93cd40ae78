/** How the figures of a sample follow the density and the number of models. */
import type { SampledCurves, Spread } from "../../protocol/sample";
import { statisticsOf } from "../stats/statistics";
import type { SampleEstimator } from "./estimator";
import type { SampleSettings } from "./sampleCounts";
import { seeded } from "./seeded";

/** Densities of a curve. */
export const DENSITIES: readonly number[] = [
  0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
];
/** Subsets of one size that are looked at, where there are more. */
const MOST_SUBSETS = 8;

/**
 * Curves over the chosen tensors.
 * @param models N; @param densities those that the method takes, ascending; @param settingsFor the settings with some of the models, all at one density (null: each at its own).
 * @param between awaited between two points; may throw to cancel.
 */
export async function sampledCurves(
  estimator: SampleEstimator,
  models: number,
  chosen: readonly number[],
  densities: readonly number[],
  settingsFor: (density: number | null, models: readonly number[]) => SampleSettings,
  between: () => Promise<void>,
): Promise<SampledCurves> {
  const all = Array.from({ length: models }, (_, t) => t);
  const figures = async (density: number | null, some: readonly number[]) => {
    const { tally, layout, zeroSign } = await estimator.together(settingsFor(density, some), chosen, between);
    const facts = some.map(() => ({ density: 0, threshold: null }));
    return statisticsOf(tally, layout, facts, zeroSign);
  };
  const byDensity: SampledCurves["byDensity"] = [];
  for (const density of densities) {
    await between();
    const { models: each, conflict, elements } = await figures(density, all);
    byDensity.push({
      density,
      keptNorm: each.map(({ keptNorm, norm }) => (norm > 0 ? keptNorm / norm : 0)),
      conflict: elements > 0 ? conflict / elements : 0,
    });
  }
  const byModels: SampledCurves["byModels"] = [];
  for (const count of all.map((t) => t + 1)) {
    const { subsets, isAll } = subsetsOf(models, count);
    const points: { conflict: number; ties: number; averaging: number }[] = [];
    for (const subset of subsets) {
      await between();
      const { models: each, conflict, elements, mergedNorm, meanNorm } = await figures(null, subset);
      const norm = each.reduce((sum, model) => sum + model.norm, 0) / count;
      const relative = (value: number): number => (norm > 0 ? value / norm : 0);
      points.push({
        conflict: elements > 0 ? conflict / elements : 0,
        ties: relative(mergedNorm),
        averaging: relative(meanNorm),
      });
    }
    const spread = (of: keyof (typeof points)[number]): Spread => {
      const values = points.map((point) => point[of]);
      return { first: values[0] ?? 0, least: Math.min(...values), most: Math.max(...values) };
    };
    byModels.push({
      count,
      subsets: subsets.length,
      all: isAll,
      conflict: spread("conflict"),
      ties: spread("ties"),
      averaging: spread("averaging"),
    });
  }
  return { models, byDensity, byModels };
}

/** Subsets of `count` models, the first ones first: all there are, or some that are the same at every run. */
export function subsetsOf(models: number, count: number): { subsets: number[][]; isAll: boolean } {
  const first = Array.from({ length: count }, (_, t) => t);
  let number = 1;
  for (let k = 0; k < count; k++) number = (number * (models - k)) / (k + 1);
  if (number <= MOST_SUBSETS) return { subsets: combinations(models, count), isAll: true };
  const found = new Map([[first.join(), first]]);
  const random = seeded(models * 64 + count);
  while (found.size < MOST_SUBSETS) {
    const left = Array.from({ length: models }, (_, t) => t);
    const subset = first.map(() => left.splice(Math.floor(random() * left.length), 1)[0]).sort((a, b) => a - b);
    found.set(subset.join(), subset);
  }
  return { subsets: [...found.values()], isAll: false };
}

function combinations(models: number, count: number, from = 0): number[][] {
  if (count === 0) return [[]];
  const found: number[][] = [];
  for (let t = from; t <= models - count; t++) {
    for (const rest of combinations(models, count - 1, t + 1)) found.push([t, ...rest]);
  }
  return found;
}
