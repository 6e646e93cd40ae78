/**
 * Statistics that were estimated from a sample, for any settings of an opened set, with how far they may be off.
 * They cross as arrays of numbers, one row after the other: a slider asks for all of them many times a second.
 */
import type { InterferenceStatistics, ModelStatistics, PairStatistics } from "./report";

/** What is wanted of a sample: the less, the sooner it is there. */
export interface SampleDepth {
  /** Rows of each tensor; else of the whole model, groups and places only. */
  tensors: boolean;
  /** How far the figures may be off, which takes as many passes again as there are replicates. */
  margins: boolean;
}

export interface SampledReport {
  /** N of the settings. */
  models: number;
  /** Entries looked at, of how many, and bytes read of all files. */
  entries: number;
  elements: number;
  bytesRead: number;
  bytes: number;
  /** Names of the layer groups, in the order of their first tensors. */
  groups: string[];
  /** Number of the places of the opened set's tensors (`placesOf`). */
  places: number;
  /** Whether there is a row of each tensor. */
  tensors: boolean;
  /** Rows of `figuresLength(models)`: the whole model, each group, each place, each tensor in the opened set's order. */
  figures: Float64Array;
  /**
   * Half the width of the 95 % interval around each figure; 0 where the figure is exact. NaN where a figure is, and
   * where nothing is said: of any figure that is not exact when margins are not wanted.
   */
  margins: Float32Array;
}

/** Curves of the whole model or of one layer, from the sample. Shares are 0 to 1, norms L2. */
export interface SampledCurves {
  models: number;
  /** For each density, the same for all models: what they keep of ‖τ_t‖, by model, and the share in conflict. */
  byDensity: { density: number; keptNorm: number[]; conflict: number }[];
  /** For n = 1 … N models: the first n of them, and the least and the most over subsets of n. */
  byModels: {
    count: number;
    /** Subsets looked at, and whether these are all there are. */
    subsets: number;
    all: boolean;
    conflict: Spread;
    /** ‖τ_m‖ of TIES and ‖mean τ‖ of plain averaging, over the mean of the members' ‖τ_t‖. */
    ties: Spread;
    averaging: Spread;
  }[];
}

export interface Spread {
  first: number;
  least: number;
  most: number;
}

const MODEL_FIGURES = [
  "threshold",
  "density",
  "kept",
  "positive",
  "negative",
  "norm",
  "keptNorm",
  "lost",
  "lostMass",
] as const satisfies readonly (keyof ModelStatistics)[];
const FIGURES = [
  "elements",
  "conflict",
  "conflictBefore",
  "electedPositive",
  "electedNegative",
  "cancelled",
  "agreement",
  "mergedNorm",
  "meanNorm",
  "nonFinite",
] as const;
const KEPT = MODEL_FIGURES.indexOf("kept");
const PAIR_FIGURES = ["cosine", "bothKept", "disagree"] as const satisfies readonly (keyof PairStatistics)[];

/** What a figure is, where it matters how it was come by. */
export interface FigureKind {
  /** A number of entries. */
  isCount: boolean;
  /** Follows from the untrimmed task vectors or from what was asked for: no threshold moves it. */
  isFree: boolean;
  /** Follows from squares or magnitudes, of which a few may be most of the sum. */
  isHeavy: boolean;
  /** An L2 norm. */
  isNorm: boolean;
  /** What a share is of which no entry says otherwise; null: no share. */
  shareOfNone: number | null;
  /** Of a share of what is kept, how many entries that is, by the figures of the row; null: of no such. */
  kept: ((row: ArrayLike<number>) => number) | null;
}

const COUNTS = new Set<string>([
  ...["kept", "positive", "negative", "lost", "conflict", "conflictBefore", "nonFinite", "cancelled", "overlap"],
  ...["electedPositive", "electedNegative", "bothKept", "disagree"],
]);
const HEAVY = new Set<string>(["norm", "keptNorm", "mergedNorm", "meanNorm", "lostMass", "cosine"]);
const FREE = new Set<string>(["elements", "conflictBefore", "meanNorm", "nonFinite", "density", "norm", "cosine"]);
const NORMS = new Set<string>(["norm", "keptNorm", "mergedNorm", "meanNorm"]);
const SHARES_OF_NONE: Readonly<Record<string, number>> = { agreement: 1, lostMass: 0, cosine: 0 };

/** Kinds of the figures of a row, in their order. */
export function figureKinds(models: number): FigureKind[] {
  const overlap = FIGURES.length;
  const firstModel = overlap + models + 1;
  const pairs = (models * (models - 1)) / 2;
  const names = [
    ...FIGURES,
    ...Array.from({ length: models + 1 }, () => "overlap"),
    ...Array.from({ length: models }, () => MODEL_FIGURES).flat(),
    ...Array.from({ length: pairs }, () => PAIR_FIGURES).flat(),
  ];
  const keptAt = (figure: number): number =>
    firstModel + Math.floor((figure - firstModel) / MODEL_FIGURES.length) * MODEL_FIGURES.length + KEPT;
  const keptOf = (name: string, figure: number): FigureKind["kept"] => {
    if (name === "agreement") return (row) => row[0] - row[overlap];
    return name === "lostMass" ? (row) => row[keptAt(figure)] : null;
  };
  return names.map((name, figure) => ({
    isCount: COUNTS.has(name),
    isFree: FREE.has(name),
    isHeavy: HEAVY.has(name),
    isNorm: NORMS.has(name),
    shareOfNone: SHARES_OF_NONE[name] ?? null,
    kept: keptOf(name, figure),
  }));
}

export const figuresLength = (models: number): number =>
  FIGURES.length + models + 1 + models * MODEL_FIGURES.length + ((models * (models - 1)) / 2) * PAIR_FIGURES.length;

/** Writes one row; null as NaN. */
export function writeFigures(statistics: InterferenceStatistics, to: Float64Array, start: number): void {
  const { elected } = statistics;
  let at = start;
  to[at++] = statistics.elements;
  to[at++] = statistics.conflict;
  to[at++] = statistics.conflictBefore;
  to[at++] = elected.positive;
  to[at++] = elected.negative;
  to[at++] = elected.cancelled;
  to[at++] = statistics.agreement ?? Number.NaN;
  to[at++] = statistics.mergedNorm;
  to[at++] = statistics.meanNorm;
  to[at++] = statistics.nonFinite;
  for (const count of statistics.overlap) to[at++] = count;
  for (const model of statistics.models) {
    to[at++] = model.threshold ?? Number.NaN;
    to[at++] = model.density;
    to[at++] = model.kept;
    to[at++] = model.positive;
    to[at++] = model.negative;
    to[at++] = model.norm;
    to[at++] = model.keptNorm;
    to[at++] = model.lost;
    to[at++] = model.lostMass;
  }
  for (const pair of statistics.pairs) {
    to[at++] = pair.cosine ?? Number.NaN;
    to[at++] = pair.bothKept;
    to[at++] = pair.disagree;
  }
}

/** Reads one row. What is NaN stays so, except where the report says null. */
export function readFigures(from: ArrayLike<number>, start: number, models: number): InterferenceStatistics {
  let at = start;
  const take = (): number => from[at++] ?? Number.NaN;
  const takeOrNull = (): number | null => {
    const value = take();
    return Number.isNaN(value) ? null : value;
  };
  // One by one: hundreds of rows are read with every move of a slider.
  const elements = take();
  const conflict = take();
  const conflictBefore = take();
  const elected = { positive: take(), negative: take(), cancelled: take() };
  const agreement = takeOrNull();
  const mergedNorm = take();
  const meanNorm = take();
  const nonFinite = take();
  const overlap: number[] = [];
  for (let count = 0; count <= models; count++) overlap.push(take());
  const ofModels: ModelStatistics[] = [];
  for (let t = 0; t < models; t++) {
    ofModels.push({
      threshold: takeOrNull(),
      density: take(),
      kept: take(),
      positive: take(),
      negative: take(),
      norm: take(),
      keptNorm: take(),
      lost: take(),
      lostMass: take(),
    });
  }
  const pairs: PairStatistics[] = [];
  for (let i = 0; i < models; i++) {
    for (let j = i + 1; j < models; j++) pairs.push({ i, j, cosine: takeOrNull(), bothKept: take(), disagree: take() });
  }
  return {
    elements,
    models: ofModels,
    overlap,
    conflict,
    conflictBefore,
    elected,
    agreement,
    mergedNorm,
    meanNorm,
    pairs,
    nonFinite,
  };
}
