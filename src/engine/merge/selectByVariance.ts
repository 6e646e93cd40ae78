/** Finds the rules of SCE for one tensor in exact passes over it, whoever makes them: one worker, or all together. */
import { shareOf } from "./breadcrumbs";
import { wideWindow, WIDE_DIGITS, type MagnitudeWindow } from "./magnitudeWindow";
import { selectedCount, sharesOf } from "./sce";
import { firstWindow, Selection, type Counts } from "./select";
import { KEEP_ALL, KEEP_NONE, type SceRule, type TrimRule } from "./trim";

/** Of one stretch, Σ τ_t² a model in float64 and in the order of the entries. */
export interface VarianceSums {
  /** How many variances equal the threshold. */
  equal: number;
  /** Of the entries above the threshold. */
  above: number[];
  /** Of the entries that equal it. */
  atThreshold: number[];
}

/** Passes over the variances of one tensor. */
export interface VariancePasses {
  /** The counts of each window, see `countsLength`. */
  count(windows: readonly MagnitudeWindow[]): Promise<Counts[]>;
  /** Of each stretch in order; a threshold below 0 takes all entries. */
  sum(threshold: number): Promise<VarianceSums[]>;
  /** Index in the tensor behind the `keep`-th entry of a stretch that equals the threshold, and Σ τ_t² of those. */
  locate(stretch: number, threshold: number, keep: number): Promise<{ end: number; squares: number[] }>;
}

interface VariedTensor {
  elements: number;
  wide: boolean;
  models: number;
}

/**
 * One rule a model. Sums are added over the stretches in their order, so that they do not depend on who makes the passes.
 * @param topk share of the entries that vary, 0 to 1.
 */
export async function selectByVariance(
  passes: VariancePasses,
  tensor: VariedTensor,
  topk: number,
  equalBelow: number,
): Promise<TrimRule[]> {
  const { elements, models } = tensor;
  const rules = (squares: readonly number[], selected: SceRule["selected"]): TrimRule[] =>
    sharesOf(squares, elements, equalBelow).map((share) => ({ ...KEEP_ALL, sce: { share, selected } }));
  const nothing = Array.from({ length: models }, () => 0);
  if (elements === 0 || topk <= 0) return rules(nothing, KEEP_NONE);
  if (topk >= 1) return rules(added(await passes.sum(-1), nothing), null);

  const [counts, varied] = await passes.count([firstWindow(elements, tensor.wide), variedWindow(tensor.wide)]);
  const keep = selectedCount(nonzeroOf(varied), topk);
  if (keep === 0) return rules(nothing, KEEP_NONE);
  const selection = new Selection(elements, shareOf(keep, elements), "exact", tensor.wide);
  selection.take(counts);
  for (let window = selection.nextWindow(); window; window = selection.nextWindow()) {
    const [next] = await passes.count([window]);
    selection.take(next);
  }
  const place = selection.tiesToPlace();
  const { threshold, tieEnd } = selection.rule();
  const sums = await passes.sum(threshold);
  if (!place) return rules(added(sums, nothing), { threshold, tieEnd });
  return rulesWithTies(passes, sums, place, nothing, rules);
}

/** Of the entries that equal the threshold the first `keep` are selected. */
async function rulesWithTies(
  passes: VariancePasses,
  sums: readonly VarianceSums[],
  { threshold, keep }: { threshold: number; keep: number },
  nothing: readonly number[],
  rules: (squares: readonly number[], selected: SceRule["selected"]) => TrimRule[],
): Promise<TrimRule[]> {
  let left = keep;
  let cut = 0;
  while (cut < sums.length - 1 && sums[cut].equal < left) left -= sums[cut++].equal;
  const { end, squares } = await passes.locate(cut, threshold, left);
  const inside = sums.map((sum, at) => ({
    ...sum,
    atThreshold: at < cut ? sum.atThreshold : at === cut ? squares : [...nothing],
  }));
  return rules(added(inside, nothing), { threshold, tieEnd: end });
}

const added = (sums: readonly VarianceSums[], nothing: readonly number[]): number[] =>
  sums.reduce<number[]>(
    (total, { above, atThreshold }) => total.map((sum, t) => sum + (above[t] + atThreshold[t])),
    [...nothing],
  );

/** What tells 0 from everything else: one bucket from the smallest float32 on, or the last digit of float64. */
const variedWindow = (wide: boolean): MagnitudeWindow =>
  wide
    ? wideWindow(Array.from({ length: WIDE_DIGITS - 1 }, () => 0))
    : { kind: "narrow", from: 1, shift: 0, buckets: 1 };

/** How many entries are not 0, from the counts of `variedWindow`. Of the wide one, the first bucket holds the zeros. */
function nonzeroOf(counts: Counts): number {
  let nonzero = 0;
  for (let at = counts.length > 2 ? 1 : 0; at < counts.length; at++) nonzero += counts[at];
  return nonzero;
}
