/**
 * The one place where errors get their words: what happened and what to do. `{name}` stands for a detail.
 * The templates are also the keys of the editor's translations.
 */
import type { ErrorData } from "./errors";
import { ADAPTER_ERROR_TEXT } from "./adapterErrorText";
import { MISMATCH_ERROR_TEXT } from "./mismatchErrorText";
import { INSPECTOR_ERROR_TEXT } from "./inspectorErrorText";
import { PYTORCH_ERROR_TEXT } from "./pytorchErrorText";
import { RECIPE_ERROR_TEXT } from "./recipeErrorText";
import { SAFETENSORS_ERROR_TEXT } from "./safetensorsErrorText";
import { STATISTICS_ERROR_TEXT } from "./statisticsErrorText";

interface ErrorText {
  what: string;
  todo: string;
  /** What to do in the editor, where that is something else than on the command line. */
  inEditor?: string;
}

const text = <T extends Record<string, ErrorText>>(table: T): T => table;

export const ERROR_TEXT = text({
  ...RECIPE_ERROR_TEXT,
  ...SAFETENSORS_ERROR_TEXT,
  ...PYTORCH_ERROR_TEXT,
  ...ADAPTER_ERROR_TEXT,
  ...MISMATCH_ERROR_TEXT,
  ...INSPECTOR_ERROR_TEXT,
  ...STATISTICS_ERROR_TEXT,
  internal: { what: "Something went wrong inside the program: {message}", todo: "Please report it with the log." },
  cancelled: { what: "Cancelled", todo: "Run again, with --resume to go on from what was finished." },
  "bad-message": {
    what: "A part of the program sent a call that the other does not know: {where}",
    todo: "Reload the window; if it stays, please report it.",
  },
  "checkpoint-empty": {
    what: "The checkpoint has no tensors",
    todo: "Check that this is the file with the weights.",
  },
  "nothing-included": {
    what: "No tensor's name fits --include {include} without --exclude",
    todo: "List the names with `ties-merge info` and correct the globs.",
  },
  "memory-too-small": {
    what: "The memory limit is too small for this merge, which needs {needed} MiB with one thread",
    todo: "Raise --memory (setting tiesMerge.memoryLimit).",
  },
  "non-finite": {
    what: "{input} has NaN or Inf at index {index} {position}",
    todo: "Use a checkpoint without NaN or Inf, or --non-finite keep-base (setting tiesMerge.nonFinite) to take the base's value there.",
  },
  "result-overflow": {
    what: "The merged value at index {index} {position} does not fit {dtype}",
    todo: "Write a wider type with --dtype, or lower λ or the weights.",
  },
  "weights-cancel": {
    what: "The weights of the models that agree sum to nearly 0 at index {index} {position}",
    todo: "Choose weights that do not cancel, or set normalize: false.",
  },
  "epsilon-too-large": {
    what: "The density {density} of a model ± epsilon {epsilon} is not above 0 and below 1",
    todo: "Choose a smaller epsilon, or densities farther from 0 and 1.",
  },
  "task-vectors-cancel": {
    what: "The models' changes cancel each other, so that Model Stock finds no ratio for this tensor",
    todo: "Leave it out with --exclude, or use another --method.",
  },
  "carried-differs": {
    what: "{model} has other values than the base in this {dtype} tensor, which cannot be merged",
    todo: "Use --non-float base (setting tiesMerge.nonFloat) to take the base's.",
  },
  "weights-sum-to-zero": {
    what: "The weights sum to 0, so there is nothing to normalise by",
    todo: "Choose other weights, or set normalize: false.",
  },
  "keep-base-without-base": {
    what: "There is no base whose values could be kept",
    todo: "Name one with --base, or leave --non-finite out.",
  },
  "base-needed": {
    what: "Interference is measured against a base, and this merge set has none",
    todo: "Name the base with --base (base_model in a recipe).",
    inEditor:
      "Name the checkpoint that the models were fine-tuned from: as base_model in the recipe, or where “Inspect Interference” asks for the base.",
  },
  "disk-too-small": {
    what: "The output needs {needed}, and only {free} are free",
    todo: "Free some room, or write to another disk.",
  },
  "inspection-closed": {
    what: "This inspection has been closed",
    todo: "Open the inspector again.",
  },
  "unknown-tensor": {
    what: "The merge set has no merged tensor of this name",
    todo: "Open the inspector again.",
  },
  "worker-died": {
    what: "A background worker ended unexpectedly: {message}",
    todo: "Try again with fewer threads or more memory; see the log.",
  },
  "merge-set-invalid": { what: "The merge cannot be set up: {list}", todo: "Correct it and try again." },
  "verify-failed": { what: "Problems found in the checkpoint: {count}", todo: "Do not use it before they are solved." },
  "file-exists": { what: "A file of this name is there already", todo: "Choose another name, or give --overwrite." },
  "hub-model": {
    what: "This is not a file or folder here, but looks like the name of a model on a hub",
    todo: "Download the model first and give its folder.",
  },
  "file-missing": { what: "The file or folder does not exist", todo: "Check the path." },
  "file-no-permission": {
    what: "No permission to read or write here",
    todo: "Change the permissions, or choose another place.",
  },
  "file-busy": {
    what: "The file or folder is in use by another program",
    todo: "Close what uses it, then try again.",
  },
  "disk-full": {
    what: "The disk is full",
    todo: "Free some space and run again with --resume, or choose another disk.",
  },
  "disk-full-for-file": {
    what: "The disk is full",
    todo: "Free some space and run again, or choose another disk.",
  },
  "disk-read-only": { what: "The disk cannot be written to", todo: "Choose another place for the output." },
  "too-many-open-files": {
    what: "Too many files are open",
    todo: "Close other programs, or raise the limit of open files (ulimit -n).",
  },
  "file-failed": { what: "The file system refused: {message}", todo: "Check the disk, then try again." },
  "read-failed": {
    what: "Reading failed: {message}",
    todo: "Check that the file is whole and that nothing changes it, then try again.",
  },
  "not-a-file": { what: "This is not a regular file", todo: "Give the path of a file, or of a folder that holds it." },
  "dtype-unknown": {
    what: "The dtype {dtype} is not known",
    todo: "Convert the tensor to a dtype of the safetensors format, such as F32 or BF16.",
  },
  "dtype-packed": {
    what: "The dtype {dtype} packs several elements into a byte, which is not supported",
    todo: "Convert the tensor to a dtype of whole bytes, such as BF16.",
  },
  "checkpoint-missing": { what: "There is nothing at this path", todo: "Check the path of the checkpoint." },
  "checkpoint-not-found": {
    what: "The folder holds no checkpoint: no model.safetensors, no shards with their index, no single file of weights",
    todo: "Choose the folder that holds the weights, or the file itself.",
  },
  "checkpoint-ambiguous": {
    what: "The folder holds several files and no index that says which belong together: {files}",
    todo: "Choose one of the files.",
  },
  "checkpoint-unfinished": {
    what: "This is an output that was not finished",
    todo: "Finish it by running its merge again with --resume.",
  },
  "checkpoint-unknown-file": {
    what: "This is not a checkpoint file that the program knows",
    todo: "Give a .safetensors, .bin, .pt, .pth or .ckpt file, or a folder that holds one.",
  },
  "output-exists": {
    what: "The output exists already",
    todo: "Choose another name, or replace it with --overwrite.",
  },
  "output-foreign": {
    what: "What stands at the output's name is not a model, so it is not replaced",
    todo: "Choose another name, or remove it yourself.",
  },
  "output-has-folders": {
    what: "The folder at the output's name holds other folders ({folder}), so it is not replaced",
    todo: "Choose another name, or remove it yourself.",
  },
  "output-is-input": {
    what: "The output would replace or contain the input {input}",
    todo: "Choose an output outside of the inputs.",
  },
  "output-bad-name": {
    what: "The output has no usable name",
    todo: "Give the path of a new folder or .safetensors file.",
  },
  "output-locked": {
    what: "Another merge (process {pid} on {host}) is writing this output",
    todo: "Wait until it ends; if none is running, delete this file.",
  },
  "resume-changed": {
    what: "The unfinished output was made from other inputs or another recipe",
    todo: "Start anew without --resume.",
  },
});

export type ErrorCode = keyof typeof ERROR_TEXT;

/** `template` with every `{name}` replaced by its detail. */
export function fillTemplate(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in details ? String(details[name]) : whole));
}

/** `WHAT (WHERE). WHAT TO DO` on the command line; `translate` may replace a template by that of another language. */
export const describeError = (
  error: ErrorData,
  translate: (template: string) => string = (template) => template,
): string => sentences(error, ERROR_TEXT[error.code], translate);

/** The same, to somebody who sits at the editor. */
export function describeInEditor(error: ErrorData, translate: (template: string) => string): string {
  const { what, todo, inEditor = todo }: ErrorText = ERROR_TEXT[error.code];
  return sentences(error, { what, todo: inEditor }, translate);
}

function sentences(error: ErrorData, { what, todo }: ErrorText, translate: (template: string) => string): string {
  const where = error.details.where ? ` (${error.details.where})` : "";
  return `${fillTemplate(translate(what), error.details)}${where}. ${fillTemplate(translate(todo), error.details)}`;
}
