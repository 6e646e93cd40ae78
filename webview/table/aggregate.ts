/** A layer group's statistics from those of its tensors, while the exact report is still under way. */
import type { InterferenceStatistics, ModelStatistics } from "../../src/protocol/report";

/**
 * Counts add up; norms add up in squares; agreement is weighted by the entries that somebody keeps.
 * What cannot be told from the tensors' rows (lost mass needs Σ|τ̂_t|; cosines) is NaN or empty.
 */
export function aggregateStatistics(parts: readonly InterferenceStatistics[]): InterferenceStatistics | null {
  const [first] = parts;
  if (!first) return null;
  if (parts.length === 1) return first;
  const sum = (of: (part: InterferenceStatistics) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const root = (of: (part: InterferenceStatistics) => number): number => Math.sqrt(sum((part) => of(part) ** 2));
  const keptBySomebody = (part: InterferenceStatistics): number => part.elements - (part.overlap[0] ?? 0);
  const kept = sum(keptBySomebody);
  return {
    elements: sum(({ elements }) => elements),
    models: first.models.map((_, index) => aggregateModel(parts.flatMap(({ models }) => models[index] ?? []))),
    overlap: first.overlap.map((_, count) => sum(({ overlap }) => overlap[count] ?? 0)),
    conflict: sum(({ conflict }) => conflict),
    conflictBefore: sum(({ conflictBefore }) => conflictBefore),
    elected: {
      positive: sum(({ elected }) => elected.positive),
      negative: sum(({ elected }) => elected.negative),
      cancelled: sum(({ elected }) => elected.cancelled),
    },
    agreement: kept > 0 ? sum((part) => (part.agreement ?? 0) * keptBySomebody(part)) / kept : null,
    mergedNorm: root(({ mergedNorm }) => mergedNorm),
    meanNorm: root(({ meanNorm }) => meanNorm),
    pairs: [],
    nonFinite: sum(({ nonFinite }) => nonFinite),
  };
}

function aggregateModel(parts: readonly ModelStatistics[]): ModelStatistics {
  const sum = (of: (part: ModelStatistics) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    threshold: null,
    density: parts[0]?.density ?? 0,
    kept: sum(({ kept }) => kept),
    positive: sum(({ positive }) => positive),
    negative: sum(({ negative }) => negative),
    norm: Math.sqrt(sum(({ norm }) => norm ** 2)),
    keptNorm: Math.sqrt(sum(({ keptNorm }) => keptNorm ** 2)),
    lost: sum(({ lost }) => lost),
    lostMass: sum(({ lost }) => lost) === 0 ? 0 : Number.NaN,
  };
}
