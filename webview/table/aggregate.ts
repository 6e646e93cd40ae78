/** A layer group's statistics from those of its tensors, while the exact report is still under way. */
import type { InterferenceStatistics, ModelStatistics, PairStatistics } from "../../src/protocol/report";

/**
 * Counts add up; norms add up in squares; agreement is weighted by the entries that somebody keeps.
 * A cosine is a sum of products over two norms, each of which adds up. Lost mass would need Σ|τ̂_t|, which rows do
 * not say: NaN, unless nothing was lost or one tensor keeps everything.
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
    pairs: first.pairs.map(({ i, j }) => aggregatePair(parts, i, j)),
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
    lostMass: aggregateLostMass(parts),
  };
}

function aggregateLostMass(parts: readonly ModelStatistics[]): number {
  const keeping = parts.filter(({ kept }) => kept > 0);
  if (keeping.every(({ lost }) => lost === 0)) return 0;
  return keeping.length === 1 ? (keeping[0]?.lostMass ?? Number.NaN) : Number.NaN;
}

function aggregatePair(parts: readonly InterferenceStatistics[], i: number, j: number): PairStatistics {
  const result = { i, j, bothKept: 0, disagree: 0 };
  let product = 0;
  let squares = [0, 0];
  for (const { models, pairs } of parts) {
    const norms = [models[i]?.norm ?? 0, models[j]?.norm ?? 0];
    const pair = pairs.find((candidate) => candidate.i === i && candidate.j === j);
    product += (pair?.cosine ?? 0) * (norms[0] ?? 0) * (norms[1] ?? 0);
    squares = squares.map((square, at) => square + (norms[at] ?? 0) ** 2);
    result.bothKept += pair?.bothKept ?? 0;
    result.disagree += pair?.disagree ?? 0;
  }
  const length = Math.sqrt(squares[0] ?? 0) * Math.sqrt(squares[1] ?? 0);
  return { ...result, cosine: length > 0 ? product / length : null };
}
