/** Trim rules as they are kept in JSON: in the journal of a merge, and beside a remembered report. */
import type { TrimRule } from "../engine/merge/trim";

/** null stands for Infinity, which JSON has not. */
interface StoredLimit {
  threshold: number | null;
  tieEnd: number | null;
}

export interface StoredRule extends StoredLimit {
  outliers?: StoredLimit;
  sce?: { share: number; selected: StoredLimit | null };
}

/** Of a rule that was searched; random ones are made anew. */
export const storedRule = ({ outliers, sce, ...rule }: TrimRule): StoredRule => ({
  ...storedLimit(rule),
  ...(outliers && { outliers: storedLimit(outliers) }),
  ...(sce && { sce: { share: sce.share, selected: sce.selected && storedLimit(sce.selected) } }),
});

export const restoredRule = ({ outliers, sce, ...rule }: StoredRule): TrimRule => ({
  ...restoredLimit(rule),
  ...(outliers && { outliers: restoredLimit(outliers) }),
  ...(sce && { sce: { share: sce.share, selected: sce.selected && restoredLimit(sce.selected) } }),
});

const storedLimit = ({ threshold, tieEnd }: { threshold: number; tieEnd: number }): StoredLimit => ({
  threshold: finiteOrNull(threshold),
  tieEnd: finiteOrNull(tieEnd),
});

const restoredLimit = ({ threshold, tieEnd }: StoredLimit): { threshold: number; tieEnd: number } => ({
  threshold: threshold ?? Infinity,
  tieEnd: tieEnd ?? Infinity,
});

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
