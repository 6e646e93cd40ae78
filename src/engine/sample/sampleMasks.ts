/**
 * What methods keep of a sample that do not just keep what is largest: DARE draws, Breadcrumbs leaves out the very
 * largest.
 */
import { bandDensities } from "../merge/breadcrumbs";
import { randomMasks } from "../merge/randomMask";
import { KEEP_ALL, type TrimRule } from "../merge/trim";
import type { HeldTensor } from "./heldSample";

/** Drawn from a seed; or a band below the outliers, the share `gamma`. */
export type SampleMasks = { kind: "drawn"; seed: number } | { kind: "band"; gamma: number };

/**
 * Masks of a tensor by member. Of one that is held whole (and `isKnown`) they are those of the merge. Else others are
 * drawn with the same probability, for each replicate its own, so that replicates differ by the drawing, too.
 */
export function drawnMasks(
  { name }: HeldTensor,
  isKnown: boolean,
  seed: number,
  densities: readonly number[],
  replicate: number | null,
): TrimRule[] {
  const masks = randomMasks(seed, isKnown ? name : `${name} ${replicate ?? "sampled"}`, densities);
  return masks.map((random) => ({ ...KEEP_ALL, random }));
}

/** The shares whose thresholds are searched for a unit: of what is kept, and of the outliers where they are dropped. */
export function sharesOf(
  masks: SampleMasks | null,
  elements: number,
  densities: readonly number[],
): { kept: readonly number[]; outliers: readonly number[] | null } {
  if (masks?.kind !== "band") return { kept: densities, outliers: null };
  const [kept, outliers] = bandDensities(elements, densities, masks.gamma);
  return { kept, outliers };
}

/** Whether two rules keep the same of entries that lie side by side: drawn masks do so on the average. */
export const areAlike = (one: TrimRule, other: TrimRule): boolean =>
  one.threshold === other.threshold &&
  one.tieEnd === other.tieEnd &&
  one.random?.density === other.random?.density &&
  one.outliers?.threshold === other.outliers?.threshold &&
  one.outliers?.tieEnd === other.outliers?.tieEnd;

/** The rule for entries of which the sample does not tell where they stand: what is equal stays, or goes, as a whole. */
export function ruleAnywhere(rule: TrimRule): TrimRule {
  const anywhere = <Ends extends { tieEnd: number }>(ends: Ends): Ends => ({
    ...ends,
    tieEnd: ends.tieEnd > 0 ? Infinity : 0,
  });
  return { ...anywhere(rule), ...(rule.outliers && { outliers: anywhere(rule.outliers) }) };
}
