/** What was said about a merge. */
import type { Compat, FloatDtype, MergeSet, Method, Setting, TiesRules } from "../../protocol/mergeSet";

export interface ModelInput {
  /** Absolute path of the checkpoint. */
  path: string;
  weight?: Setting;
  density?: Setting;
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
  include?: readonly string[];
  exclude?: readonly string[];
  nonFinite?: MergeSet["nonFinite"];
  nonFloat?: MergeSet["nonFloat"];
  outDtype?: FloatDtype | null;
  /** Stretches of layers from the first to the last, or one of all layers. */
  slices?: readonly SliceInput[];
}

export const DEFAULT_METHOD: Method = "ties";
export const DEFAULT_COMPAT: Compat = "reference";

/** Averaging does; PEFT's `linear` of adapters is a sum. */
export const normalizesByDefault = ({ method, compat, adapters }: MergeSetInput): boolean =>
  method === "linear" && !(adapters && compat === "peft");

/** Positions of the models that take part. */
export const mergedIndices = ({ method, base, models }: MergeSetInput): number[] =>
  models.flatMap(({ path }, at) => (method === "linear" || path !== base ? [at] : []));
