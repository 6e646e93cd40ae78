/** The part of errorText.ts that is about checkpoints which do not fit together, or are no plain weights. */
export const MISMATCH_ERROR_TEXT = {
  "tensors-mismatch": {
    what: "Tensors that do not match ({count}): {list}",
    todo: "All checkpoints of a merge need the same tensor names and shapes; check that they come from this base, or leave tensors out with --exclude.",
  },
  "tensors-missing": {
    what: "Not all checkpoints have the same tensors: {list}",
    todo: "Check that the models come from this base. --missing base (setting tiesMerge.missing) takes the base's values for what a model lacks and passes over what the base lacks; --exclude leaves tensors out.",
  },
  "vocabulary-differs": {
    what: "The vocabularies have different sizes: {list}",
    todo: "Merge the rows that all have with --vocab common (setting tiesMerge.vocab), which keeps the base's others, or leave these tensors out with --exclude.",
  },
  "architecture-differs": {
    what: "{model} and {base} have different architectures: {list}",
    todo: "Merge only models that were fine-tuned from this base.",
  },
  "missing-without-base": {
    what: "There is no base whose values could be taken for missing tensors",
    todo: "Name one with --base, or leave --missing out.",
  },
  quantized: {
    what: "This checkpoint is quantized ({method}, found by {evidence}): codes and scales cannot be merged as weights",
    todo: "Merge the model that it was made from, or write it dequantized to bfloat16 first. If its weights are plain and only config.json says otherwise, remove quantization_config there.",
  },
} as const;
