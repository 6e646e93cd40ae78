/** Words of the errors about adapters of PEFT. */
export const ADAPTER_ERROR_TEXT = {
  "adapter-config": {
    what: "The adapter's config cannot be used: {message}",
    todo: "Save the adapter again with save_pretrained().",
  },
  "adapter-config-missing": {
    what: "The adapter has no adapter_config.json, which says how its tensors change a model",
    todo: "Choose the whole folder that save_pretrained() wrote.",
  },
  "adapter-weights-missing": {
    what: "There is an adapter_config.json, but neither adapter_model.safetensors nor adapter_model.bin",
    todo: "Choose the whole folder that save_pretrained() wrote.",
  },
  "adapter-type": {
    what: "Adapters of the type {type} are not supported; LoRA and (IA)³ are",
    todo: "Merge it into its model with PEFT, where its type can be merged, and use that model.",
  },
  "adapter-option": {
    what: "The adapter was made with {option}, which is not supported",
    todo: "Merge the adapter into its model first (`merge_and_unload()`, then `save_pretrained()`).",
  },
  "adapter-empty": {
    what: "The adapter changes nothing: it has no tensors",
    todo: "Choose another adapter.",
  },
  "adapter-tensor-unknown": {
    what: "This tensor belongs to no adapter of the type {type}",
    todo: "Check that the config and the weights are of the same adapter.",
  },
  "adapter-dtype": {
    what: "An adapter cannot be applied to or made of tensors of the dtype {dtype}",
    todo: "Use the model and the adapter in a floating dtype, such as BF16.",
  },
  "adapter-factor-missing": {
    what: "The module has {present} but no {missing}",
    todo: "Save the adapter again: a part of it is missing.",
  },
  "adapter-factors-differ": {
    what: "The factors of the module do not fit together: A is {a}, B is {b}",
    todo: "Save the adapter again: A must be [rank, in] and B [out, rank].",
  },
  "adapter-factors-shape": {
    what: "The factors of the module have the shape {shape}, which is neither one a row nor one a column",
    todo: "Save the adapter again.",
  },
  "adapter-rank": {
    what: "The module has the rank {rank}, and the config says {expected}",
    todo: "Check that the config and the weights are of the same adapter.",
  },
  "adapter-shape": {
    what: "The adapter does not fit the model: its weight is {shape}, the adapter needs {expected}",
    todo: "Use the model that the adapter was trained on.",
  },
  "adapter-orientation": {
    what: "The adapter changes weights stored as [out, in] and others as [in, out], and which this square one is cannot be told",
    todo: "Merge the adapter into its model first (`merge_and_unload()`, then `save_pretrained()`).",
  },
  "adapter-module-missing": {
    what: "The adapter changes tensors that {base} does not have ({count}): {list}",
    todo: "Use the model that the adapter was trained on.",
  },
  "adapter-tied-twice": {
    what: "The adapter changes both {head} and {embedding}, which the model stores as one tensor (tied)",
    todo: "Merge the adapter into its model first (`merge_and_unload()`, then `save_pretrained()`).",
  },
  "adapter-several": {
    what: "A model with an adapter cannot take another one",
    todo: "Write it as MODEL+ADAPTER with one adapter.",
  },
  "adapter-not-adapter": {
    what: "What stands behind the + is no adapter",
    todo: "Give the folder of an adapter, with its adapter_config.json.",
  },
  "adapter-as-base": {
    what: "An adapter cannot be the base",
    todo: "Name the model as the base, or no base to merge the adapters with one another.",
  },
  "adapters-and-models": {
    what: "Of the models some are adapters, and this one is a whole model",
    todo: "Name the adapters' model with --base (base_model in a recipe).",
  },
  "adapters-method": {
    what: "The method {method} does not merge adapters with one another",
    todo: "Use another --method, or name their model with --base (base_model in a recipe).",
  },
  "adapters-rank-needed": {
    what: "The method {method} merges LoRA adapters by what they change, not factor by factor",
    todo: "Choose the rank that its result is factored back to with --rank (rank in a recipe).",
  },
  "adapters-needed": {
    what: "{option} merges adapters with one another, and there is a base or a whole model",
    todo: "Give adapters alone: no --base (base_model in a recipe), no whole model.",
  },
  "adapters-need-lora": {
    what: "Only LoRA adapters can be merged in this way, and the type of this one is {type}",
    todo: "Use the method linear, ties or task_arithmetic, without a rank.",
  },
  "adapters-types-differ": {
    what: "The adapter's type is {type}, the first one's {first}",
    todo: "Merge adapters of one type, or name their model with --base (base_model in a recipe).",
  },
  "adapters-saved-tensors": {
    what: "The adapter holds {count} whole tensors of its model, such as {name}, which cannot be merged without it",
    todo: "Name the adapters' model with --base (base_model in a recipe).",
  },
  "adapters-ranks-differ": {
    what: "The rank is {rank}, in the first adapter {first}",
    todo: "Choose a rank with --rank (rank in a recipe), use the method cat, or merge adapters of equal ranks.",
  },
  "adapter-output-file": {
    what: "An adapter is a folder with a config, not one file",
    todo: "Give the path of a new folder with --out.",
  },
} as const;
