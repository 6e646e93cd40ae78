/**
 * What methods keep of a sample that do not just keep what is largest: DARE and DELLA draw, Breadcrumbs leaves out the
 * very largest, SCE selects what the models differ in most.
 */
import { bandDensities } from "../merge/breadcrumbs";
import { randomMasks } from "../merge/randomMask";
import { KEEP_ALL, type TrimRule } from "../merge/trim";
import { windowOf, type HeldRanks } from "./heldRanks";
import type { HeldTensor } from "./heldSample";

/**
 * Drawn from a seed, by ranks where there is an `epsilon`; a band below the outliers, the share `gamma`; or what varies
 * most, where shares are equal below a sum of mean squares.
 */
export type SampleMasks =
  | { kind: "drawn"; seed: number; epsilon?: number }
  | { kind: "band"; gamma: number }
  | { kind: "varied"; equalBelow: number };

/** Those that do not follow from the magnitudes of one model, or of more than one entry of it, alone. */
export const isMasked = (masks: SampleMasks | null): masks is Exclude<SampleMasks, { kind: "band" }> =>
  masks !== null && masks.kind !== "band";

/** Drawn masks, and what they are of. */
interface Drawn {
  seed: number;
  epsilon?: number;
  /** Of the tensor, where masks go by them. */
  ranks: HeldRanks | undefined;
  members: readonly number[];
  densities: readonly number[];
}

/**
 * Masks of a tensor by member. Of one that is held whole (and `isKnown`) they are those of the merge. Else others are
 * drawn with the same probability, for each replicate its own, so that replicates differ by the drawing, too.
 * @param first held entry that masks begin at.
 */
export function drawnMasks(
  tensor: HeldTensor,
  isKnown: boolean,
  { seed, epsilon, ranks, members, densities }: Drawn,
  replicate: number | null,
  first: number,
): TrimRule[] {
  const name = isKnown ? tensor.name : `${tensor.name} ${replicate ?? "sampled"}`;
  const window = epsilon === undefined ? undefined : { epsilon, row: 1 };
  return randomMasks(seed, name, densities, window).map((random, t) => ({
    ...KEEP_ALL,
    random: random.window
      ? { ...random, window: windowOf(random.window.epsilon, tensor, ranks, members[t], first) }
      : random,
  }));
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
  const { outliers, sce } = rule;
  return {
    ...anywhere(rule),
    ...(outliers && { outliers: anywhere(outliers) }),
    ...(sce && { sce: { ...sce, selected: sce.selected && anywhere(sce.selected) } }),
  };
}
