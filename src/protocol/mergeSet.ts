/**
 * A merge set: one base θ₀ and models θ₁…θ_N in a fixed order, with a method and its parameters.
 * Every field is resolved: nothing here stands for "take the default".
 */

export const METHODS = [
  "ties",
  "linear",
  "task_arithmetic",
  "dare_ties",
  "dare_linear",
  "breadcrumbs",
  "breadcrumbs_ties",
  "magnitude_prune",
  "cat",
  "fisher",
  "regmean",
  "slerp",
  "model_stock",
  "della",
  "della_linear",
  "sce",
] as const;
export type Method = (typeof METHODS)[number];

interface MethodTraits {
  /** Works on task vectors and so needs a base; the others merge the parameters themselves. */
  taskVectors: boolean;
  /**
   * Which entries of a task vector it keeps, the share `density` of them: the largest, the largest below outliers, random
   * ones, those that the models differ in most, or all.
   */
  keeps: "largest" | "band" | "random" | "varied" | "all";
  /** Elects signs and merges those that agree, by the rules of TIES. */
  elects: boolean;
  /** The vectors whose angles it measures in each tensor, to weigh the models by them. */
  measures?: MeasuredVectors;
  /** Of what it draws, the larger entries of a row are the likelier, by `epsilon`. */
  ranks?: true;
}

/** Task vectors θ_t − θ₀, or the parameters θ_t themselves. */
export type MeasuredVectors = "taskVectors" | "parameters";

const TRAITS: Readonly<Record<Method, MethodTraits>> = {
  ties: { taskVectors: true, keeps: "largest", elects: true },
  linear: { taskVectors: false, keeps: "all", elects: false },
  task_arithmetic: { taskVectors: true, keeps: "all", elects: false },
  dare_ties: { taskVectors: true, keeps: "random", elects: true },
  dare_linear: { taskVectors: true, keeps: "random", elects: false },
  breadcrumbs: { taskVectors: true, keeps: "band", elects: false },
  breadcrumbs_ties: { taskVectors: true, keeps: "band", elects: true },
  magnitude_prune: { taskVectors: true, keeps: "band", elects: false },
  cat: { taskVectors: false, keeps: "all", elects: false },
  fisher: { taskVectors: false, keeps: "all", elects: false },
  regmean: { taskVectors: false, keeps: "all", elects: false },
  slerp: { taskVectors: false, keeps: "all", elects: false, measures: "parameters" },
  della: { taskVectors: true, keeps: "random", elects: true, ranks: true },
  della_linear: { taskVectors: true, keeps: "random", elects: false, ranks: true },
  model_stock: { taskVectors: true, keeps: "all", elects: false, measures: "taskVectors" },
  sce: { taskVectors: true, keeps: "varied", elects: true },
};

/** Whether a method works on task vectors. The others merge the parameters themselves, and may do without a base. */
export const usesTaskVectors = (method: Method): boolean => TRAITS[method].taskVectors;
/** Whether a method merges adapters with one another and nothing else. */
export const isForAdapters = (method: Method): boolean => method === "cat";
/** Whether what it draws depends on the ranks of magnitudes in their rows, by `epsilon`. */
export const ranksEntries = (method: Method): boolean => TRAITS[method].ranks ?? false;
/** Whether it keeps a part of each task vector, the share `density`. */
export const keepsShare = (method: Method): boolean => TRAITS[method].keeps !== "all";
/** Whether what it keeps depends on magnitudes, so that thresholds are searched. */
export const keepsLargest = (method: Method): boolean => TRAITS[method].keeps === "largest" || keepsBand(method);
/**
 * Whether it keeps the largest entries of each tensor but for outliers, the share `gamma`; where it takes no `gamma`,
 * that is 0.
 */
export const keepsBand = (method: Method): boolean => TRAITS[method].keeps === "band";
/** Whether it drops outliers: the share `gamma` of each tensor's largest entries. */
export const dropsOutliers = (method: Method): boolean => keepsBand(method) && method !== "magnitude_prune";
/** Whether what it keeps is drawn, and rescaled by 1 / density. */
export const keepsRandom = (method: Method): boolean => TRAITS[method].keeps === "random";
/** Whether a person chooses the share that it keeps of each model. */
export const takesDensity = (method: Method): boolean => keepsShare(method) && !keepsVaried(method);
/** Whether it keeps the entries of each tensor that the models differ in most, the share `select_topk`. */
export const keepsVaried = (method: Method): boolean => TRAITS[method].keeps === "varied";
export const electsSigns = (method: Method): boolean => TRAITS[method].elects;
/** Whether a person chooses the rules of its election; SCE has its own. */
export const takesElectionRules = (method: Method): boolean => electsSigns(method) && !keepsVaried(method);
/** Which vectors' angles it measures in a pass before the merge; null: none. */
export const measuredVectors = (method: Method): MeasuredVectors | null => TRAITS[method].measures ?? null;
/** Whether it measures the changes themselves, whichever factors they are written as. */
export const measuresChanges = (method: Method): boolean => measuredVectors(method) !== null || keepsVaried(method);
/** Whether a person weighs the models. Otherwise the method finds the weights itself. */
export const takesWeights = (method: Method): boolean => method !== "regmean" && !measuresChanges(method);

/**
 * Whether pictures show what the method merges. Of the others, which weigh with statistics that pictures do not read,
 * they show the weighted mean of the models.
 */
export const isPictured = (method: Method): boolean =>
  keepsVaried(method) || (method !== "fisher" && takesWeights(method));

export const MAX_SEED = 2 ** 32 - 1;

export const COMPATS = ["reference", "mergekit", "peft"] as const;
export type Compat = (typeof COMPATS)[number];

export const TRIM_SCOPES = ["model", "tensor"] as const;
export type TrimScope = (typeof TRIM_SCOPES)[number];

export const FLOAT_DTYPES = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"] as const;
/** A dtype that is decoded, merged and encoded; every other dtype is carried as it is. */
export type FloatDtype = (typeof FLOAT_DTYPES)[number];

/** How TIES trims, elects and merges. The names are those of the recipe, in camel case. */
export interface TiesRules {
  /** One threshold per model (the paper), or one per model and tensor. */
  trimScope: TrimScope;
  /** Keep every entry as large as the threshold, or exactly ⌊n·d⌋ of them. */
  trimTies: "inclusive" | "exact";
  /** γ = sgn(Σ τ̂), or γ = sgn(Σ sgn τ̂). */
  signConsensus: "mass" | "frequency";
  /** The sign taken where kept entries sum to exactly 0. */
  zeroSign: "majority" | "positive";
  /** Whether a model's weight multiplies its task vector before or after the election. */
  weights: "before" | "after";
  /** Divide by the weights (`before`) of those that agree. */
  normalize: boolean;
  /** Mean of those that agree, or their sum (the authors' dis-sum). */
  merge: "mean" | "sum";
}

/** The rules of each program that people compare with. */
export const PRESETS: Readonly<Record<Compat, TiesRules>> = {
  reference: {
    trimScope: "model",
    trimTies: "inclusive",
    signConsensus: "mass",
    zeroSign: "majority",
    weights: "before",
    normalize: true,
    merge: "mean",
  },
  mergekit: {
    trimScope: "tensor",
    trimTies: "exact",
    signConsensus: "mass",
    zeroSign: "positive",
    weights: "before",
    normalize: true,
    merge: "mean",
  },
  peft: {
    trimScope: "tensor",
    trimTies: "exact",
    signConsensus: "mass",
    zeroSign: "positive",
    weights: "after",
    normalize: false,
    merge: "mean",
  },
};

/** SCE has these rules under every preset: as the authors' code and mergekit. */
export const SCE_RULES: Readonly<TiesRules> = { ...PRESETS.mergekit, weights: "after" };

/** The density where nobody names one: the paper's 0.2; mergekit keeps everything. */
export const DEFAULT_DENSITY: Readonly<Record<Compat, number>> = { reference: 0.2, mergekit: 1, peft: 0.2 };

/** The share of outliers that Breadcrumbs drops where nobody names one; as in mergekit. */
export const DEFAULT_GAMMA = 0.01;

/** The α of RegMean where nobody names one (Jin et al., ICLR 2023). */
export const DEFAULT_ALPHA = 0.9;

/** How far DELLA's probabilities are from the density at most where nobody says; as in mergekit. */
export const DEFAULT_EPSILON = 0.15;

/** How far `slerp` goes from the first model to the second where nobody says: halfway. */
export const DEFAULT_T = 0.5;

/** The share of entries that `sce` selects where nobody says: all. */
export const DEFAULT_SELECT_TOPK = 1;

/** A value, or values over the layers from the first to the last, between which numbers are interpolated (a gradient). */
export type LayerValue<Value> = Value | number[];

/** Values by tensor name: the first entry whose `filter` is part of the name holds; one without a filter fits all. */
export interface FilteredValue<Value> {
  filter?: string;
  value: LayerValue<Value>;
}

/** What a parameter may be, as in a mergekit recipe: one value, a gradient, or a list of filters. */
export type Setting<Value = number> = LayerValue<Value> | FilteredValue<Value>[];

/** The parameters of a stretch of layers where they are not the same for all tensors. Every setting fits all names. */
export interface SliceParameters {
  /** From the first layer up to, not including, the second number; null: all of them. */
  layers: [number, number] | null;
  /** In the order of the models. */
  models: { weight: Setting; density: Setting }[];
  lambda: Setting;
  normalize: Setting<boolean>;
  /** There for `slerp` alone. */
  t?: Setting;
  /** There for `sce` alone. */
  selectTopk?: Setting;
}

/** One fine-tuned checkpoint θ_t of a merge set. */
export interface ModelChoice {
  /** Absolute path of the checkpoint (file or folder). */
  path: string;
  /** Short name, unique in the set. */
  name: string;
  weight: number;
  /**
   * Share of the task vector that is kept, 0 to 1. Used by `ties`, DARE, DELLA and Breadcrumbs; of `sce` it is
   * `selectTopk`, the same for all models.
   */
  density: number;
  /** Absolute path of the checkpoint's Fisher values; there for `fisher` alone. */
  fisher?: string;
  /** Absolute path of the Gram matrices of its layers' inputs; there for `regmean` alone. */
  gram?: string;
}

export interface MergeSet {
  method: Method;
  compat: Compat;
  /** Absolute path of θ₀; null only for `linear`, `fisher`, `regmean` and `slerp`. */
  base: string | null;
  /** Of `slerp` the two that it goes between, the base first where there is one. */
  models: ModelChoice[];
  /** λ of θ₀ + λ·τ_m. */
  lambda: number;
  rules: TiesRules;
  /** `linear`, `task_arithmetic`, `dare_linear` and their like: divide by Σw. */
  normalize: boolean;
  /** `fisher`: divide a model's weight by the norm of its Fisher values. */
  normalizeFisher: boolean;
  /** DARE and DELLA: what the random numbers depend on, a whole number from 0 to 2³² − 1. */
  seed: number;
  /** Breadcrumbs: the share of each tensor's largest entries that is dropped, 0 to 1. */
  gamma: number;
  /** `regmean`: what the off-diagonal entries of the Gram matrices are multiplied by, 0 to 1. */
  alpha: number;
  /** Of adapters: merge their changes ΔW, and factor what comes out back to this rank. Without it, factors are merged. */
  rank?: number;
  /** `slerp`, and there for it alone: how far from the first model to the second, 0 to 1. */
  t?: number;
  /** `sce`, and there for it alone: the share of each tensor's entries that it selects, 0 to 1. */
  selectTopk?: number;
  /** `model_stock`, and there for it alone: a ratio for each row of the last dimension, not for the whole tensor. */
  filterWise?: boolean;
  /** DELLA, and there for it alone: how far the probability that an entry is kept may be from its model's density. */
  epsilon?: number;
  /** Globs over tensor names (`*` any run of characters, `?` one). Empty: all. */
  include: string[];
  exclude: string[];
  /** NaN or ±Inf in an input: refuse, or take the base's value there. */
  nonFinite: "error" | "keep-base";
  /** Integer and bool tensors that differ: refuse, or take the base's. */
  nonFloat: "error" | "base";
  /** Vocabularies of different sizes: refuse, or merge the rows that all have and keep the base's others. */
  vocab: "error" | "common";
  /** Tensors that not all have: refuse, or take the base's for what a model lacks and leave out what the base lacks. */
  missing: "error" | "base";
  /** Dtype of the merged floating tensors; null keeps the base's. */
  outDtype: FloatDtype | null;
  /**
   * Stretches of layers, from the first layer to the last, where weight, density, λ or `normalize` are not the same
   * for all tensors. The plain fields hold what the last entry of the first stretch says, and count only without it.
   */
  slices?: SliceParameters[];
}
