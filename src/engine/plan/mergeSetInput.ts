/** What was said about a merge. */
import { electsSigns, PRESETS, usesTaskVectors } from "../../protocol/mergeSet";
import type { Compat, FloatDtype, MergeSet, Method, Setting, TiesRules } from "../../protocol/mergeSet";

export interface ModelInput {
  /** Absolute path of the checkpoint. */
  path: string;
  weight?: Setting;
  density?: Setting;
  /** Absolute paths of its statistics. */
  fisher?: string;
  gram?: string;
}

/** What was said of a stretch of layers alone; it stands above what was said of all. */
export interface SliceInput {
  /** From the first layer up to, not including, the second number; null: all of them. */
  layers: [number, number] | null;
  /** In the order of the input's models. */
  models: readonly { weight?: Setting; density?: Setting }[];
  weight?: Setting;
  density?: Setting;
  lambda?: Setting;
  normalize?: Setting<boolean>;
  rescale?: Setting<boolean>;
  t?: Setting;
  selectTopk?: Setting;
}

/** What was said about a merge; what was not said takes its default. A `MergeSet` is one too. */
export interface MergeSetInput {
  method?: Method;
  compat?: Compat;
  base?: string | null;
  models: readonly ModelInput[];
  /** The models are adapters that are merged with one another: they need no base. */
  adapters?: boolean;
  /** Weight and density of every model that has none of its own. */
  weight?: Setting;
  density?: Setting;
  lambda?: Setting;
  /** Single rules over those of the preset. */
  rules?: Partial<TiesRules>;
  /** Divide by the weights; for `ties` the same as `rules.normalize`. */
  normalize?: Setting<boolean>;
  /** Statistics of the models in their order, in place of those that the models name. */
  fisher?: readonly string[];
  gram?: readonly string[];
  normalizeFisher?: boolean;
  alpha?: number;
  filterWise?: boolean;
  seed?: number;
  gamma?: number;
  rank?: number;
  epsilon?: number;
  /** How far `slerp` goes from the first model to the second. */
  t?: Setting;
  /** The share of each tensor's entries that `sce` selects. */
  selectTopk?: Setting;
  /** What a recipe says of `rescale`, which can only be what the method does anyway. */
  rescale?: Setting<boolean>;
  include?: readonly string[];
  exclude?: readonly string[];
  nonFinite?: MergeSet["nonFinite"];
  nonFloat?: MergeSet["nonFloat"];
  vocab?: MergeSet["vocab"];
  missing?: MergeSet["missing"];
  outDtype?: FloatDtype | null;
  /** Stretches of layers from the first to the last, or one of all layers. */
  slices?: readonly SliceInput[];
}

export const DEFAULT_METHOD: Method = "ties";
export const DEFAULT_COMPAT: Compat = "reference";

/** TIES does as its preset; in mergekit, of its relatives only DELLA does. Averaging does; PEFT's `linear` of adapters is a sum. */
export function normalizesByDefault(method: Method, compat: Compat, adapters: boolean): boolean {
  if (method === "linear") return !(adapters && compat === "peft");
  return (
    electsSigns(method) &&
    !(method !== "ties" && method !== "della" && compat === "mergekit") &&
    PRESETS[compat].normalize
  );
}

/** Positions of the models that take part: the base is none of those whose task vectors are merged, its own is 0. */
export const mergedIndices = ({ method = DEFAULT_METHOD, base, models }: MergeSetInput): number[] =>
  models.flatMap(({ path }, at) => (!usesTaskVectors(method) || path !== base ? [at] : []));

/** Of `slerp` with a base, that is the first of the models, whether it was listed as one, where, or not at all. */
export function withEndpoints(input: MergeSetInput): MergeSetInput {
  const { method, base, models, slices } = input;
  if (method !== "slerp" || !base) return input;
  const at = models.findIndex(({ path }) => path === base);
  const baseFirst = <Model>(all: readonly Model[], ofBase: Model): Model[] => [
    all[at] ?? ofBase,
    ...all.filter((_, index) => index !== at),
  ];
  return {
    ...input,
    models: baseFirst(models, { path: base }),
    ...(slices && { slices: slices.map((slice) => ({ ...slice, models: baseFirst(slice.models, {}) })) }),
  };
}

/** The key under which a model names the statistics of a method. */
const STATISTICS_KEYS = { fisher: "fisher", regmean: "gram" } as const satisfies Partial<Record<Method, string>>;

export const statisticsKey = (method: Method): "fisher" | "gram" | null =>
  method === "fisher" || method === "regmean" ? STATISTICS_KEYS[method] : null;
