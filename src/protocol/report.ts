/** Interference statistics (the report of `ties-merge inspect --json`). Field names are the report's. */

export const REPORT_FORMAT = "ties-merge-report/1";

export interface ModelStatistics {
  /** Magnitude threshold in force; null where one figure cannot say it (totals of tensor scope) or nothing is kept. */
  threshold: number | null;
  /** Share of entries asked for. */
  density: number;
  /** Kept entries (survived trimming and are not 0), and by sign. */
  kept: number;
  positive: number;
  negative: number;
  /** L2 of τ_t and of τ̂_t. */
  norm: number;
  keptNorm: number;
  /** Kept entries whose sign is not γ. */
  lost: number;
  /** Their share of Σ|τ̂_t|, 0 to 1. */
  lostMass: number;
}

export interface PairStatistics {
  /** Indices of the models, i < j. */
  i: number;
  j: number;
  /** Cosine of τ_i and τ_j, untrimmed; null where one of them is 0 everywhere. */
  cosine: number | null;
  /** Entries that both keep; of those, the ones with opposite signs. */
  bothKept: number;
  disagree: number;
}

export interface InterferenceStatistics {
  elements: number;
  models: ModelStatistics[];
  /** N+1 counts: entries kept by exactly 0, 1, …, N models. */
  overlap: number[];
  /** Entries kept by two or more models with both signs among them; the same before trimming. */
  conflict: number;
  conflictBefore: number;
  /** Entries with γ > 0, γ < 0, before `zero_sign` is applied, and kept entries that sum to exactly 0. */
  elected: { positive: number; negative: number; cancelled: number };
  /** Mean of |#pos − #neg| / (#pos + #neg) over entries that somebody keeps; null where nobody keeps any. */
  agreement: number | null;
  /** L2 of τ_m (before λ), and of the plain mean of the untrimmed τ_t. */
  mergedNorm: number;
  meanNorm: number;
  pairs: PairStatistics[];
  /** Entries with NaN or ±Inf that took the base's value (`non_finite: keep-base`). */
  nonFinite: number;
}

export interface TensorStatistics extends InterferenceStatistics {
  name: string;
  shape: number[];
  /** Dtype in the base. */
  dtype: string;
}

export interface GroupStatistics extends InterferenceStatistics {
  /** Layer group, such as `model.layers.3`; `` for tensors outside any layer. */
  name: string;
}

/**
 * Statistics that may be estimated: then `margins` has, figure by figure, half the width of its 95 % interval, 0 where
 * the figure is exact and NaN (null in JSON) where nothing can be said.
 */
export type Sampled<Statistics> = Statistics & { margins?: InterferenceStatistics };

/** What the figures of a report were estimated from. */
export interface ReportSample {
  /** Entries looked at, of how many in all. */
  entries: number;
  elements: number;
  /** Bytes read, of all in the checkpoints. */
  bytesRead: number;
  bytes: number;
}

export interface InterferenceReport {
  format: typeof REPORT_FORMAT;
  /** The resolved recipe, as written to `ties_recipe.yml`. */
  recipe: unknown;
  models: { name: string; path: string }[];
  /** What was done about checkpoints that are not quite alike, in a sentence each. */
  notes: string[];
  /** Only where the figures are estimates: all others are exact. */
  sample?: ReportSample;
  totals: Sampled<InterferenceStatistics>;
  groups: Sampled<GroupStatistics>[];
  tensors: Sampled<TensorStatistics>[];
}
