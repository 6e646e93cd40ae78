/** How large an entry is among those of its tensor, from exact counts by bucket of magnitude. */
import type { MagnitudeCounts } from "../../src/protocol/tiles";
import { formatShare } from "./numbers";
import { t } from "./translate";

export interface Rank {
  /** Share of the tensor's entries that are surely smaller in magnitude, 0 to 1. */
  below: number;
  /** Share whose magnitude falls into the same bucket, itself included: smaller, equal or larger. */
  near: number;
}

/** Null where the counts do not hold this magnitude. */
export function rankOf(counts: MagnitudeCounts, model: number, taskVector: number): Rank | null {
  const own = counts.models[model];
  const magnitude = Math.abs(taskVector);
  if (!own || counts.elements === 0) return null;
  let below = 0;
  for (let bucket = 0; bucket < own.counts.length; bucket++) {
    const number = own.counts[bucket] ?? 0;
    if (magnitude < (own.highest[bucket] ?? 0)) {
      if (magnitude < (own.lowest[bucket] ?? 0)) return null;
      return { below: below / counts.elements, near: number / counts.elements };
    }
    below += number;
  }
  return null;
}

/** “top 3.1 %”: the share of entries that may be as large. */
export const formatRank = ({ below }: Rank): string =>
  t("top {share}", { share: formatShare(1 - below, below > 0.9 ? 1 : 0) });
