/**
 * Model Breadcrumbs (Davari and Belilovsky, ECCV 2024): of each tensor the ⌊n·γ⌋ largest magnitudes are dropped as
 * outliers, and of the others the ⌊n·density⌋ largest are kept. Where there are not as many, fewer outliers are dropped.
 */
import type { TrimRule } from "./trim";

/** Two trims that make the mask: what the first keeps without what the second keeps. Shares of n, for exact trimming. */
export function bandShares(elements: number, density: number, gamma: number): { kept: number; outliers: number } {
  const keep = Math.floor(elements * density);
  const outliers = Math.min(Math.floor(elements * gamma), elements - keep);
  return { kept: shareOf(keep + outliers, elements), outliers: shareOf(outliers, elements) };
}

/** A share of which ⌊n·share⌋ is `count` in spite of rounding. */
export const shareOf = (count: number, elements: number): number => (count >= elements ? 1 : (count + 0.5) / elements);

/** The shares of every model: first those that are kept with the outliers, then the outliers'. */
export function bandDensities(elements: number, densities: readonly number[], gamma: number): [number[], number[]] {
  const bands = densities.map((density) => bandShares(elements, density, gamma));
  return [bands.map(({ kept }) => kept), bands.map(({ outliers }) => outliers)];
}

export const bandRules = (kept: readonly TrimRule[], outliers: readonly TrimRule[]): TrimRule[] =>
  kept.map((rule, t) => ({ ...rule, outliers: outliers[t] }));
