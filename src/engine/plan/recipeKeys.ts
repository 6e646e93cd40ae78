/** The keys of a recipe and the values they take. mergekit's names stand first, then ours. */
import { TRIM_SCOPES } from "../../protocol/mergeSet";
import type { MergeSet, Method, TiesRules } from "../../protocol/mergeSet";

export const TOP_LEVEL_KEYS = [
  "merge_method",
  "base_model",
  "models",
  "slices",
  "parameters",
  "dtype",
  "out_dtype",
  "tokenizer_source",
] as const;

/** Keys of a model that name files of its statistics; they may stand beside `model` or under its `parameters`. */
export const STATISTICS_KEYS = ["fisher", "gram"] as const;
export const MODEL_KEYS = ["model", "parameters", ...STATISTICS_KEYS] as const;
export const SLICE_KEYS = ["sources", "parameters"] as const;
export const SOURCE_KEYS = ["model", "layer_range", "parameters", ...STATISTICS_KEYS] as const;
export const FILTER_KEYS = ["filter", "value"] as const;

/** Settings of a model: numbers, gradients or lists of filters. */
export const MODEL_PARAMETER_KEYS = ["weight", "density"] as const;
/** Settings of all models, for all layers or those of a slice. */
export const GENERAL_PARAMETER_KEYS = ["lambda", "normalize", "int8_mask", "rescale", "t", "select_topk"] as const;
export const SLICE_PARAMETER_KEYS = [...MODEL_PARAMETER_KEYS, ...GENERAL_PARAMETER_KEYS] as const;

/** Keys under `parameters` that name one of a few words: the recipe's key, the field, the words. */
export const RULE_KEYS = {
  trim_scope: { field: "trimScope", words: TRIM_SCOPES },
  trim_ties: { field: "trimTies", words: ["inclusive", "exact"] },
  sign_consensus: { field: "signConsensus", words: ["mass", "frequency"] },
  zero_sign: { field: "zeroSign", words: ["majority", "positive"] },
  weights: { field: "weights", words: ["before", "after"] },
  merge: { field: "merge", words: ["mean", "sum"] },
} as const satisfies Readonly<Record<string, { field: keyof TiesRules; words: readonly string[] }>>;

/** Those of them that are not about trimming. */
export const ELECTION_KEYS = [
  "sign_consensus",
  "zero_sign",
  "weights",
  "merge",
] as const satisfies readonly (keyof typeof RULE_KEYS)[];

export const POLICY_KEYS = {
  non_finite: { field: "nonFinite", words: ["error", "keep-base"] },
  non_float: { field: "nonFloat", words: ["error", "base"] },
  vocab: { field: "vocab", words: ["error", "common"] },
  missing: { field: "missing", words: ["error", "base"] },
} as const satisfies Readonly<Record<string, { field: keyof MergeSet; words: readonly string[] }>>;

export const PATTERN_KEYS = ["include", "exclude"] as const;

/** Settings of one method, the same for all tensors. */
export const METHOD_PARAMETER_KEYS = ["seed", "gamma", "epsilon", "normalize_fisher", "alpha", "filter_wise"] as const;

export const PARAMETER_KEYS: readonly string[] = [
  ...SLICE_PARAMETER_KEYS,
  ...METHOD_PARAMETER_KEYS,
  "rank",
  "compat",
  ...Object.keys(RULE_KEYS),
  ...PATTERN_KEYS,
  ...Object.keys(POLICY_KEYS),
];

/** Parameters that a method does not look at. */
export const UNUSED_KEYS: Readonly<Record<Method, readonly string[]>> = {
  ties: unusedBy("normalize", "density", "lambda", ...Object.keys(RULE_KEYS)),
  task_arithmetic: unusedBy("normalize", "lambda"),
  dare_ties: unusedBy("normalize", "density", "lambda", "seed", ...ELECTION_KEYS),
  dare_linear: unusedBy("normalize", "density", "lambda", "seed"),
  breadcrumbs: unusedBy("normalize", "density", "lambda", "gamma"),
  breadcrumbs_ties: unusedBy("normalize", "density", "lambda", "gamma", ...ELECTION_KEYS),
  magnitude_prune: unusedBy("normalize", "density", "lambda"),
  cat: unusedBy("normalize"),
  della: unusedBy("normalize", "density", "lambda", "seed", "epsilon", ...ELECTION_KEYS),
  della_linear: unusedBy("normalize", "density", "lambda", "seed", "epsilon"),
  linear: unusedBy("normalize"),
  fisher: unusedBy("fisher", "normalize_fisher"),
  regmean: unusedBy("gram", "alpha"),
  slerp: unusedBy("t"),
  model_stock: unusedBy("lambda", "filter_wise"),
  sce: unusedBy("lambda", "select_topk"),
};

/** What is left of the keys that only some methods look at. */
function unusedBy(...used: readonly string[]): string[] {
  const some = [
    "normalize",
    "density",
    "lambda",
    "t",
    "select_topk",
    ...Object.keys(RULE_KEYS),
    ...METHOD_PARAMETER_KEYS,
  ];
  return [...some, ...STATISTICS_KEYS].filter((key) => !used.includes(key));
}

/** Keys that mergekit knows and this program does not honour, and why a recipe with them is refused. */
export const REFUSED_KEYS: Readonly<Record<string, string>> = {
  modules: "merging by modules is not supported; list whole models under `models`",
  tokenizer: "building a tokenizer is not supported; the base model's tokenizer is copied (`tokenizer_source: base`)",
  chat_template: "setting a chat template is not supported; the base model's files are copied as they are",
};

export const REFUSED_MODEL_PARAMETERS: Readonly<Record<string, string>> = {
  gamma: "one for all models stands under the recipe's `parameters`; a model cannot have its own",
  epsilon: "one for all models stands under the recipe's `parameters`; a model cannot have its own",
};

export const REFUSED_SLICE_KEYS: Readonly<Record<string, string>> = {
  base_model: "a slice cannot have a base of its own; name one for all under `base_model`",
  residual_weight: "the residual weight of a slice cannot be honoured",
};
