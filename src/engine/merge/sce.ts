/**
 * SCE (Wan et al., "FuseChat: Knowledge Fusion of Chat Models", 2024): of each tensor select the entries whose task
 * vectors vary most over the models, calculate a share for each model from the squares of what is selected, and erase
 * what has not the sign of the sum. The election is that of TIES; here stand its two own steps.
 */
import type { MergeParameters } from "../kernels/kernels";
import type { Compat } from "../../protocol/mergeSet";
import type { SceRule, TrimRule } from "./trim";
import type { Values } from "./values";

/** What the preset says where numbers are small. */
export interface SceLimits {
  /** Where the mean squares of all models add up to less, their shares are equal. */
  equalBelow: number;
  /** What the sum of the agreeing models' shares is taken for where it is less. */
  leastDivisor: number;
}

const LIMITS: Readonly<Record<Compat, SceLimits>> = {
  // The authors' code: equal shares, and nothing divided, only where there is nothing.
  reference: { equalBelow: 0, leastDivisor: 0 },
  mergekit: { equalBelow: 1e-6, leastDivisor: 1e-6 },
  // PEFT has no SCE.
  peft: { equalBelow: 0, leastDivisor: 0 },
};

export const sceLimits = (compat: Compat): SceLimits => LIMITS[compat];

/** Σ(τ_t − mean)² / N of every entry, summed in float64 in the order of the models, rounded to the arithmetic of `out`. */
export function varianceOf(taskVectors: readonly Values[], count: number, out: Values): void {
  const models = taskVectors.length;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let t = 0; t < models; t++) sum += taskVectors[t][i];
    const mean = sum / models;
    let squares = 0;
    for (let t = 0; t < models; t++) squares += (taskVectors[t][i] - mean) ** 2;
    out[i] = squares / models;
  }
}

/**
 * How many entries are selected of those whose variance is not 0: ⌊nonzero · topk⌋, the product rounded to float32 as
 * mergekit's is.
 */
export const selectedCount = (nonzero: number, topk: number): number =>
  Math.min(nonzero, Math.floor(Math.fround(Math.fround(nonzero) * Math.fround(topk))));

/** η_t: the mean squares of the selected entries over all `elements`, scaled to sum 1. */
export function sharesOf(squares: readonly number[], elements: number, equalBelow: number): number[] {
  const means = squares.map((sum) => sum / Math.max(1, elements));
  const total = means.reduce((sum, mean) => sum + mean, 0);
  if (total === 0 || total < equalBelow) return means.map(() => 1 / means.length);
  return means.map((mean) => mean / total);
}

/** Whether an entry of this variance and flat index is selected. */
export const isSelected = (
  variance: number,
  index: number,
  { threshold, tieEnd }: NonNullable<SceRule["selected"]>,
): boolean => variance > threshold || (variance === threshold && index < tieEnd);

/** Sets what is not selected to 0, in every model. `start` is the flat index of entry 0. */
export function dropUnselected(
  trimmed: readonly Values[],
  variance: Values,
  count: number,
  selected: NonNullable<SceRule["selected"]>,
  start: number,
): void {
  for (let i = 0; i < count; i++) {
    if (isSelected(variance[i], start + i, selected)) continue;
    for (const values of trimmed) values[i] = 0;
  }
}

/** The parameters of a tensor: with SCE, the shares that its rules hold are the weights. */
export function withShares(parameters: MergeParameters, rules: readonly TrimRule[] | null): MergeParameters {
  if (!rules?.some(({ sce }) => sce)) return parameters;
  return { ...parameters, weights: rules.map(({ sce }, t) => sce?.share ?? parameters.weights[t]) };
}
