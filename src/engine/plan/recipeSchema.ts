/** The JSON Schema of a recipe, made of the tables that the validator reads: for editors that complete and explain YAML. */
import { COMPATS, METHODS } from "../../protocol/mergeSet";
import { DTYPE_NAMES } from "./floatDtypeName";
import { POLICY_KEYS, RULE_KEYS } from "./recipeKeys";
import type {
  FILTER_KEYS,
  GENERAL_PARAMETER_KEYS,
  METHOD_PARAMETER_KEYS,
  MODEL_KEYS,
  MODEL_PARAMETER_KEYS,
  PATTERN_KEYS,
  SLICE_KEYS,
  SLICE_PARAMETER_KEYS,
  SOURCE_KEYS,
  STATISTICS_KEYS,
  TOP_LEVEL_KEYS,
} from "./recipeKeys";

type Schema = Record<string, unknown>;

/** Every key with what it means; a key of the tables without an entry does not compile. */
type Properties<Keys extends readonly string[]> = Record<Keys[number], Schema>;

const reference = (name: string, description: string): Schema => ({ description, $ref: `#/definitions/${name}` });
const words = (values: readonly string[], description: string): Schema => ({ description, enum: values });
const mapping = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const listOf = (items: Schema, description: string): Schema => ({ description, type: "array", minItems: 1, items });

const CHECKPOINT = "Path of a checkpoint, relative to the recipe: a file, or a folder with one or with shards.";

const modelParameters: Properties<typeof MODEL_PARAMETER_KEYS> = {
  weight: reference("numberSetting", "Factor of the model; 1 where none is given."),
  density: reference(
    "shareSetting",
    "Share of the task vector that is kept, 0 to 1: its largest entries (`ties`, `magnitude_prune`), the largest below outliers (`breadcrumbs`), or random ones (DARE; DELLA, the larger the likelier).",
  ),
};

const generalParameters: Properties<typeof GENERAL_PARAMETER_KEYS> = {
  lambda: reference("numberSetting", "Scale λ of the merged task vector; 1 where none is given."),
  normalize: reference("truthSetting", "Divide by the weights."),
  int8_mask: reference("truthSetting", "Read for mergekit's sake; it changes no number."),
  t: reference("shareSetting", "How far `slerp` goes from the base to the other model; 0.5 where none is given."),
  select_topk: reference(
    "shareSetting",
    "Share of each tensor's entries that `sce` selects, those that the models differ in most; 1 where none is given.",
  ),
  rescale: reference("truthSetting", "Part of the method here: `true` for DARE and DELLA, `false` for all others."),
};

const sliceParameters: Properties<typeof SLICE_PARAMETER_KEYS> = { ...modelParameters, ...generalParameters };

const RULES: Record<keyof typeof RULE_KEYS, string> = {
  trim_scope: "One threshold a model (the paper), or one a tensor.",
  trim_ties: "Keep every entry as large as the threshold, or exactly the share that density asks for.",
  sign_consensus: "Elect the sign of the sum, or that of most models.",
  zero_sign: "The sign where kept entries cancel: that of most elected signs in the model, or +.",
  weights: "Weigh before the election, or after it.",
  merge: "The mean of the entries that agree, or their sum.",
};

const POLICIES: Record<keyof typeof POLICY_KEYS, string> = {
  non_finite: "NaN or infinity in an input: refuse, or take the base's value.",
  non_float: "Integer and bool tensors that differ: refuse, or take the base's.",
  vocab: "Vocabularies of different sizes: refuse, or merge the rows that all have and keep the base's others.",
  missing: "Tensors that not all have: refuse, or take the base's and leave out what the base lacks.",
};

const patterns: Properties<typeof PATTERN_KEYS> = {
  include: reference("patterns", "Merge only tensors with such names; `*` is any run of characters."),
  exclude: reference("patterns", "Take tensors with such names from the base."),
};

const methodParameters: Properties<typeof METHOD_PARAMETER_KEYS> = {
  seed: {
    description: "What the random masks of DARE and DELLA depend on; 0 where none is given.",
    ...{ type: "integer", minimum: 0, maximum: 2 ** 32 - 1 },
  },
  gamma: {
    description: "Share of each tensor's largest entries that Breadcrumbs drops; 0.01 where none is given.",
    ...{ type: "number", minimum: 0, maximum: 1 },
  },
  epsilon: {
    description: "DELLA: how far the probability that an entry is kept goes from density, 0 to 0.5; 0.15 by default.",
    ...{ type: "number", minimum: 0, exclusiveMaximum: 0.5 },
  },
  normalize_fisher: {
    description: "Divide a model's weight by the norm of its Fisher values (`fisher`).",
    type: "boolean",
  },
  filter_wise: {
    description: "A ratio for each row of the last dimension in place of one a tensor (`model_stock`).",
    type: "boolean",
  },
  alpha: {
    description: "Factor of the Gram matrices off their diagonals, 0 to 1; 0.9 where none is given (`regmean`).",
    ...{ type: "number", minimum: 0, maximum: 1 },
  },
};

const parameters: Schema = {
  ...sliceParameters,
  ...methodParameters,
  rank: {
    description: "Of adapters without a base: merge what they change, and factor the result back to this rank.",
    ...{ type: "integer", minimum: 1 },
  },
  compat: words(COMPATS, "The rules of which program: the paper's code, mergekit (default of a recipe) or PEFT."),
  ...wordsOf(RULE_KEYS, RULES),
  ...patterns,
  ...wordsOf(POLICY_KEYS, POLICIES),
};

const statistics: Properties<typeof STATISTICS_KEYS> = {
  fisher: { description: "Path of the safetensors file with the model's Fisher values (`fisher`).", type: "string" },
  gram: {
    description: "Path of the safetensors file with the Gram matrices of its layers' inputs (`regmean`).",
    type: "string",
  },
};

const model: Properties<typeof MODEL_KEYS> = {
  model: { description: CHECKPOINT, type: "string" },
  parameters: mapping({ ...modelParameters, ...statistics }),
  ...statistics,
};

const source: Properties<typeof SOURCE_KEYS> = {
  ...model,
  layer_range: {
    description: "The first layer, and the first that is not part of the slice.",
    type: "array",
    items: { type: "integer", minimum: 0 },
    minItems: 2,
    maxItems: 2,
  },
};

const slice: Properties<typeof SLICE_KEYS> = {
  sources: listOf(mapping(source, ["model", "layer_range"]), "The models, all with the same layers."),
  parameters: mapping(sliceParameters),
};

const recipe: Properties<typeof TOP_LEVEL_KEYS> = {
  merge_method: words(METHODS, "How the models are merged."),
  base_model: { description: `${CHECKPOINT} The models were fine-tuned from it.`, type: "string" },
  models: listOf(mapping(model, ["model"]), "The fine-tuned models, in their order."),
  slices: listOf(mapping(slice, ["sources"]), "The models by stretches of layers; every layer keeps its place."),
  parameters: { description: "What holds for all models.", ...mapping(parameters) },
  dtype: reference("dtype", "Dtype of the output, where `out_dtype` does not say otherwise."),
  out_dtype: reference("dtype", "Dtype of the output; that of the base where none is given."),
  tokenizer_source: words(["base"], "The tokenizer is that of the base."),
};

/** JSON Schema, draft 7: the newest that editors' YAML extensions read in full. */
export const recipeSchema = (): Schema => ({
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Merge recipe",
  description: "A recipe for ties-merge, in mergekit's format.",
  ...mapping(recipe, ["merge_method"]),
  oneOf: [{ required: ["models"] }, { required: ["slices"] }],
  definitions: {
    numberSetting: setting({ type: "number" }),
    shareSetting: setting({ type: "number", minimum: 0, maximum: 1 }),
    truthSetting: setting({ type: "boolean" }),
    patterns: {
      anyOf: [
        { type: "string", minLength: 1 },
        { type: "array", items: { type: "string", minLength: 1 } },
      ],
    },
    // Other spellings, such as `torch.bfloat16`, are read too.
    dtype: { anyOf: [{ enum: DTYPE_NAMES }, { type: "string" }] },
  },
});

/** One value, of numbers also a gradient, or a list of filters. */
function setting(value: Schema): Schema {
  const layerValue = value.type === "number" ? { anyOf: [value, { type: "array", minItems: 1, items: value }] } : value;
  const filter: Properties<typeof FILTER_KEYS> = {
    filter: { description: "Part of a tensor's name; the first entry that fits holds.", type: ["string", "null"] },
    value: { description: "One number, or a gradient from the first layer to the last.", ...layerValue },
  };
  return {
    anyOf: [
      value,
      ...(value.type === "number" ? [{ type: "array", minItems: 1, items: value }] : []),
      { type: "array", minItems: 1, items: mapping(filter, ["value"]) },
    ],
  };
}

function wordsOf<Key extends string>(
  table: Readonly<Record<Key, { words: readonly string[] }>>,
  descriptions: Readonly<Record<Key, string>>,
): Schema {
  const keys = Object.keys(table) as Key[];
  return Object.fromEntries(keys.map((key) => [key, words(table[key].words, descriptions[key])]));
}
