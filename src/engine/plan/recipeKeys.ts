/** The keys of a recipe and the values they take. mergekit's names stand first, then ours. */
import { TRIM_SCOPES } from "../../protocol/mergeSet";
import type { MergeSet, TiesRules } from "../../protocol/mergeSet";

export const TOP_LEVEL_KEYS = [
  "merge_method",
  "base_model",
  "models",
  "parameters",
  "dtype",
  "out_dtype",
  "tokenizer_source",
] as const;

/** Keys of a model that name files of its statistics; they may stand beside `model` or under its `parameters`. */
export const STATISTICS_KEYS = ["fisher", "gram"] as const;
export const MODEL_KEYS = ["model", "parameters", ...STATISTICS_KEYS] as const;
export const MODEL_PARAMETER_KEYS = ["weight", "density"] as const;

/** Keys under `parameters` that name one of a few words: the recipe's key, the field, the words. */
export const RULE_KEYS = {
  trim_scope: { field: "trimScope", words: TRIM_SCOPES },
  trim_ties: { field: "trimTies", words: ["inclusive", "exact"] },
  sign_consensus: { field: "signConsensus", words: ["mass", "frequency"] },
  zero_sign: { field: "zeroSign", words: ["majority", "positive"] },
  weights: { field: "weights", words: ["before", "after"] },
  merge: { field: "merge", words: ["mean", "sum"] },
} as const satisfies Readonly<Record<string, { field: keyof TiesRules; words: readonly string[] }>>;

export const POLICY_KEYS = {
  non_finite: { field: "nonFinite", words: ["error", "keep-base"] },
  non_float: { field: "nonFloat", words: ["error", "base"] },
} as const satisfies Readonly<Record<string, { field: keyof MergeSet; words: readonly string[] }>>;

export const PARAMETER_KEYS: readonly string[] = [
  ...MODEL_PARAMETER_KEYS,
  "lambda",
  "normalize",
  "normalize_fisher",
  "alpha",
  "int8_mask",
  "rescale",
  "compat",
  ...Object.keys(RULE_KEYS),
  "include",
  "exclude",
  ...Object.keys(POLICY_KEYS),
];

/** Keys that mergekit knows and this program does not honour, and why a recipe with them is refused. */
export const REFUSED_KEYS: Readonly<Record<string, string>> = {
  slices: "merging by slices of layers is not supported; list whole models under `models`",
  modules: "merging by modules is not supported; list whole models under `models`",
  tokenizer: "building a tokenizer is not supported; the base model's tokenizer is copied (`tokenizer_source: base`)",
  chat_template: "setting a chat template is not supported; the base model's files are copied as they are",
};
