/** Options that several commands have. */
import { COMPATS, METHODS, TRIM_SCOPES } from "../protocol/mergeSet";
import type { OptionTable } from "./commandSpec";

export const SELECTION_OPTIONS = {
  base: { value: "PATH", about: "checkpoint that the models were fine-tuned from" },
  model: { value: "PATH[=WEIGHT]", repeat: true, about: "a fine-tuned checkpoint, weight 1 unless given" },
  method: { value: "M", about: `${METHODS.join(", ")}; default ties` },
  density: {
    value: "D",
    about: "share of each task vector that is kept, 0 to 1; default 0.2, with --compat mergekit 1",
  },
  lambda: { value: "L", about: "scale of the merged task vector; default 1" },
  compat: { value: "C", about: `rules as in ${COMPATS.join(", ")}; default reference (the paper's)` },
  "trim-scope": { value: "S", about: `one threshold a ${TRIM_SCOPES.join(" or a ")}` },
  seed: { value: "N", about: "what the random masks of dare_* and della* depend on; default 0" },
  gamma: { value: "G", about: "share of the largest entries that breadcrumbs drops; default 0.01" },
  rank: { value: "R", about: "of LoRA adapters: merge what they change, and factor the result back to this rank" },
  epsilon: { value: "E", about: "how far della's probabilities go from the density, by rank; default 0.15" },
  t: { value: "T", about: "how far slerp goes from the base (0) to the other model (1); default 0.5" },
  "select-topk": { value: "S", about: "share of each tensor's entries that sce selects, 0 to 1; default 1" },
  "filter-wise": { about: "of model_stock: an angle for each row in place of one a tensor" },
  fisher: { value: "PATH", repeat: true, about: "Fisher values of each --model, in their order (method fisher)" },
  "normalize-fisher": { about: "divide a model's weight by the norm of its Fisher values" },
  gram: { value: "PATH", repeat: true, about: "Gram matrices of each --model, in their order (method regmean)" },
  alpha: { value: "A", about: "share of the Gram matrices' off-diagonal entries, 0 to 1; default 0.9" },
  include: { value: "GLOB", repeat: true, about: "merge only tensors with such names" },
  exclude: { value: "GLOB", repeat: true, about: "take tensors with such names from the base" },
  "non-finite": { value: "W", about: "NaN or infinity in an input: error (default), or keep-base" },
  "non-float": { value: "W", about: "integer tensors that differ: error (default), or base" },
  vocab: { value: "W", about: "vocabularies of different sizes: error (default), or common to merge common rows" },
  missing: { value: "W", about: "tensors that not all have: error (default), or base to take the base's" },
} as const satisfies OptionTable;

export const DTYPE_OPTION = {
  dtype: { value: "D", about: "float32, float16, bfloat16 or float64; default that of the base" },
} as const satisfies OptionTable;

export const ENGINE_OPTIONS = {
  threads: { value: "N", about: "worker threads; default the processor's, at most 8" },
  memory: { value: "SIZE", about: "memory limit of the whole process; default 1GiB" },
} as const satisfies OptionTable;

export const QUIET_OPTION = {
  quiet: { about: "no progress and no messages, only results and errors" },
} as const satisfies OptionTable;

export const SELECTION_ABOUT =
  "A recipe is a YAML file as mergekit reads it, with rules of our own under `parameters`; options stand above it.\n" +
  "A recipe that names no `compat` has mergekit's rules, and its density is 1 where it names none.";
