/**
 * The one place where errors get their words: what happened and what to do. `{name}` stands for a detail.
 * The templates are also the keys of the editor's translations.
 */
import type { ErrorData } from "./errors";
import { PYTORCH_ERROR_TEXT } from "./pytorchErrorText";
import { STATISTICS_ERROR_TEXT } from "./statisticsErrorText";

interface ErrorText {
  what: string;
  todo: string;
}

const text = <T extends Record<string, ErrorText>>(table: T): T => table;

export const ERROR_TEXT = text({
  internal: { what: "Something went wrong inside the program: {message}", todo: "Please report it with the log." },
  cancelled: { what: "Cancelled", todo: "Run again, with --resume to go on from what was finished." },
  "bad-message": {
    what: "A part of the program sent a call that the other does not know: {where}",
    todo: "Reload the window; if it stays, please report it.",
  },
  "tensors-mismatch": {
    what: "{count} tensors do not match: {list}",
    todo: "All checkpoints of a merge need the same tensor names and shapes; check that they come from this base, or leave tensors out with --exclude.",
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
  "recipe-invalid": { what: "Problems in the recipe: {count}", todo: "Correct what stands here:\n{list}" },
  "not-a-recipe": {
    what: "This is not a recipe",
    todo: "Give a YAML file here; checkpoints are given with --base and --model.",
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
  "header-too-short": {
    what: "The file has {size} bytes, fewer than the 8 that begin a safetensors file",
    todo: "Download or write the file again.",
  },
  "header-git-lfs": {
    what: "This is a git-lfs pointer: a few lines of text in place of the weights",
    todo: "Fetch the weights with `git lfs pull`, or download the file itself.",
  },
  "header-web-page": {
    what: "This is a web page that was saved in place of the weights",
    todo: "Download the file again; the page may say why it was refused (a login, an agreement to accept).",
  },
  "header-other-format": {
    what: "This is a {format} file, in spite of its name",
    todo: "Convert it to safetensors first.",
  },
  "header-pytorch": {
    what: "This looks like a PyTorch file, in spite of its name",
    todo: "Give it the extension .pt, and it will be read as one.",
  },
  "header-over-limit": {
    what: "The header claims {length} bytes, more than the {limit} that are allowed",
    todo: "The file is damaged or not a safetensors file: get it again.",
  },
  "header-beyond-file": {
    what: "The header claims {length} bytes, but only {available} follow",
    todo: "The file is cut off or not a safetensors file: get it again.",
  },
  "header-not-utf8": { what: "The header is not UTF-8 text", todo: "The file is damaged: get it again." },
  "header-not-object": {
    what: "The header does not begin with a brace",
    todo: "The file is damaged or not a safetensors file: get it again.",
  },
  "header-not-json": { what: "The header is not valid JSON: {message}", todo: "The file is damaged: get it again." },
  "header-duplicate-key": {
    what: "The header has the key “{key}” twice",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "header-bad-metadata": {
    what: "The header's __metadata__ is not a map of strings",
    todo: "Write the file again with text metadata only.",
  },
  "header-bad-entry": {
    what: "The header's entry is not an object with dtype, shape and data_offsets",
    todo: "The file is damaged: get it again.",
  },
  "header-bad-shape": {
    what: "The shape is not a list of at most {limit} whole numbers from 0 on",
    todo: "The file is damaged: get it again.",
  },
  "header-shape-overflow": {
    what: "The shape has more elements than can be counted",
    todo: "The file is damaged: get it again.",
  },
  "header-bad-offsets": {
    what: "data_offsets is not two whole numbers from 0 on",
    todo: "The file is damaged: get it again.",
  },
  "header-offsets-reversed": {
    what: "The data ends at byte {end}, before it begins at {begin}",
    todo: "The file is damaged: get it again.",
  },
  "header-offsets-range": {
    what: "The data ends at byte {end}, but the file holds only {size}",
    todo: "The file is cut off: get it again.",
  },
  "header-wrong-length": {
    what: "The data has {bytes} bytes, but its shape and dtype need {expected}",
    todo: "The file is damaged: get it again.",
  },
  "header-overlap": {
    what: "The data shares bytes with that of “{other}”",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "header-hole": {
    what: "{bytes} bytes before this tensor's data belong to no tensor",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "header-trailing-bytes": {
    what: "{bytes} bytes at the end belong to no tensor",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "index-too-large": {
    what: "The index has {size} bytes, more than the {limit} that are allowed",
    todo: "Check that this is an index; get it again.",
  },
  "index-not-json": { what: "The index is not valid JSON: {message}", todo: "The file is damaged: get it again." },
  "index-duplicate-key": {
    what: "The index has the key “{key}” twice",
    todo: "Do not trust the file; write it again with a tool that you trust.",
  },
  "index-no-weight-map": {
    what: "The index has no weight_map from tensor names to file names",
    todo: "The file is damaged or not an index: get it again.",
  },
  "index-bad-shard-name": {
    what: "The index names the file “{shard}”, which is not a {extension} file of its own folder",
    todo: "Do not trust the file; get the checkpoint again.",
  },
  "index-too-many-shards": {
    what: "{count} shards are more than the {limit} that are allowed",
    todo: "Use larger shards.",
  },
  "index-shard-missing": {
    what: "The index names {shard}, which is not in the folder",
    todo: "Get the missing shard: the download is probably not complete.",
  },
  "index-tensor-missing": {
    what: "The index says that {shard} holds this tensor, but it does not",
    todo: "Get the checkpoint again: index and shards are not of one piece.",
  },
  "index-tensor-unlisted": {
    what: "{shard} holds this tensor, but the index does not say so",
    todo: "Get the checkpoint again: index and shards are not of one piece.",
  },
  "index-tensor-twice": {
    what: "The tensor is in two shards, {first} and {second}",
    todo: "Get the checkpoint again: index and shards are not of one piece.",
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
  ...PYTORCH_ERROR_TEXT,
  ...STATISTICS_ERROR_TEXT,
  "checkpoint-peft": {
    what: "PEFT adapters are not supported yet",
    todo: "Merge the adapter into its model first (`merge_and_unload()`, then `save_pretrained()`).",
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

/** `WHAT (WHERE). WHAT TO DO`; `translate` may replace a template by that of another language. */
export function describeError(
  error: ErrorData,
  translate: (template: string) => string = (template) => template,
): string {
  const { what, todo } = ERROR_TEXT[error.code];
  const where = error.details.where ? ` (${error.details.where})` : "";
  return `${fillTemplate(translate(what), error.details)}${where}. ${fillTemplate(translate(todo), error.details)}`;
}
