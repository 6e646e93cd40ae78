import { dropAndRescale, type RandomMask } from "./randomMask";
import type { Values } from "./values";

/**
 * What trimming keeps of one task vector: every entry with a magnitude above `threshold`, and of those
 * exactly as large the ones whose flat index is below `tieEnd`. Both rules of `trim_ties` come down to this:
 * `inclusive` keeps all equal ones (`tieEnd` Infinity), `exact` the first few. An entry that is 0 is never kept.
 * With `random`, entries are drawn and rescaled in place of that.
 */
export interface TrimRule {
  threshold: number;
  tieEnd: number;
  random?: RandomMask;
  /** What this would keep is dropped: the outliers of Breadcrumbs. */
  outliers?: { threshold: number; tieEnd: number };
  /** SCE: what its pass over the tensor found. */
  sce?: SceRule;
}

export interface SceRule {
  /** η of this model in this tensor, which stands in the place of its weight. */
  share: number;
  /** Of the variances over the models, those that are selected, the same for all models; null: all entries. */
  selected: { threshold: number; tieEnd: number } | null;
}

/**
 * Whether the rules are those of DARE, Breadcrumbs or SCE: then what they keep alone is merged, also where task vectors are
 * added without an election. Otherwise rules beside such a merge are there for statistics.
 */
export const maskAll = (rules: readonly TrimRule[]): boolean =>
  rules.some(({ random, outliers, sce }) => random !== undefined || outliers !== undefined || !!sce?.selected);

export const KEEP_ALL: TrimRule = { threshold: 0, tieEnd: Infinity };
export const KEEP_NONE: TrimRule = { threshold: Infinity, tieEnd: 0 };

/**
 * τ̂_t: `taskVector` with what is not kept set to 0 (step 2 of TIES). `start` is the flat index of entry 0,
 * counted as `tieEnd` is.
 */
export function trim(taskVector: Values, count: number, rule: TrimRule, start: number, out: Values): void {
  if (rule.random) dropAndRescale(taskVector, count, rule.random, start, out);
  else keepLargest(taskVector, count, rule, start, out);
  if (rule.outliers) dropLargest(taskVector, count, rule.outliers, start, out);
}

function dropLargest(
  taskVector: Values,
  count: number,
  { threshold, tieEnd }: TrimRule,
  start: number,
  out: Values,
): void {
  for (let i = 0; i < count; i++) {
    const magnitude = Math.abs(taskVector[i]);
    if (magnitude > threshold || (magnitude === threshold && start + i < tieEnd)) out[i] = 0;
  }
}

function keepLargest(taskVector: Values, count: number, rule: TrimRule, start: number, out: Values): void {
  const { threshold } = rule;
  const ties = Math.min(count, Math.max(0, rule.tieEnd - start));
  for (let i = 0; i < ties; i++) {
    const value = taskVector[i];
    out[i] = Math.abs(value) >= threshold ? value : 0;
  }
  for (let i = ties; i < count; i++) {
    const value = taskVector[i];
    out[i] = Math.abs(value) > threshold ? value : 0;
  }
}
