/** The commands and what they take. Each one's code is loaded when it is called. */
import type { CommandSpec } from "./commandSpec";
import { DTYPE_OPTION, ENGINE_OPTIONS, QUIET_OPTION, SELECTION_ABOUT, SELECTION_OPTIONS } from "./sharedOptions";

const merge: CommandSpec = {
  name: "merge",
  summary: "merge checkpoints into a new one",
  usage: "[RECIPE.yml] --out PATH [options]",
  positionals: ["RECIPE"],
  required: 0,
  about: `Merge the models of a recipe, or those that the options name, into a new checkpoint.\n${SELECTION_ABOUT}`,
  optionGroups: [
    {
      title: "Output",
      options: {
        out: { value: "PATH", about: "folder to write, or a single file that ends in .safetensors" },
        ...DTYPE_OPTION,
        "shard-size": { value: "SIZE", about: "largest file, such as 5GB (5e9 bytes) or 4GiB; default 5GB" },
        overwrite: { about: "replace what is at the output's path, once the merge is complete" },
        resume: { about: "go on from what an interrupted run had finished" },
        "dry-run": { about: "check everything and say what would happen; write nothing" },
        json: { about: "print the result, with interference statistics, as JSON" },
      },
    },
    { title: "What to merge, instead of a recipe or above it", options: SELECTION_OPTIONS },
    { title: "Running", options: { ...ENGINE_OPTIONS, ...QUIET_OPTION } },
  ],
  examples: [
    "merge --base base/ --model math/ --model code/=0.5 --density 0.2 --out merged/",
    "merge recipe.yml --out merged/ --dtype bfloat16 --shard-size 4GiB",
    "merge recipe.yml --out merged/ --resume",
  ],
  run: async (args, terminal) => (await import("./commands/merge")).runMerge(args, terminal),
};

const inspect: CommandSpec = {
  name: "inspect",
  summary: "measure where models interfere, without merging",
  usage: "[RECIPE.yml] [options]",
  positionals: ["RECIPE"],
  required: 0,
  about: `Measure where the models of a merge interfere; nothing is merged.\n${SELECTION_ABOUT}

--json writes every figure; --csv one row a tensor (RFC 4180):
  name, shape (2x3), dtype, elements, conflict, conflictBefore (entries whose kept, or untrimmed, changes disagree in
  sign), agreement, electedPositive, electedNegative, cancelled, mergedNorm, meanNorm, nonFinite,
  overlap:K (entries kept by exactly K models),
  and for each model M: density:M (asked), kept:M, positive:M, negative:M, threshold:M, norm:M, keptNorm:M, lost:M,
  lostMass:M; for each pair: cosine:M:M', bothKept:M:M', disagree:M:M'. A cell is empty where there is no figure.
With --sample, margin:COLUMN is half the width of its 95 % interval, 0 where the figure is exact.`,
  optionGroups: [
    {
      title: "Output (without --json, --csv and --html: a table)",
      options: {
        json: { value: "FILE", about: "write the report as JSON; - is the standard output" },
        csv: { value: "FILE", about: "write a table of the tensors as CSV; - is the standard output" },
        html: { value: "FILE", about: "write the inspector with its figures and masks as one file for any browser" },
        sample: {
          value: "P",
          about:
            "estimate from a share of the entries, such as 1% or 0.01, with 95 % intervals, instead of counting all",
        },
        overwrite: { about: "replace files of these names" },
      },
    },
    { title: "What to inspect, instead of a recipe or above it", options: SELECTION_OPTIONS },
    { title: "Running", options: { ...ENGINE_OPTIONS, ...QUIET_OPTION } },
  ],
  examples: [
    "inspect --base base/ --model math/ --model code/",
    "inspect recipe.yml --density 0.1 --json report.json --csv tensors.csv",
    "inspect recipe.yml --json - | jq .totals.conflict",
    "inspect recipe.yml --html report.html",
    "inspect recipe.yml --sample 1%",
  ],
  run: async (args, terminal) => (await import("./commands/inspect")).runInspect(args, terminal),
};

const info: CommandSpec = {
  name: "info",
  summary: "list the tensors of a checkpoint",
  usage: "CHECKPOINT [--json]",
  positionals: ["CHECKPOINT"],
  required: 1,
  about: "List the tensors of a checkpoint; only headers are read.",
  optionGroups: [{ title: "Options", options: { json: { about: "print every tensor as JSON" } } }],
  examples: ["info model/", "info model.safetensors --json"],
  run: async (args, terminal) => (await import("./commands/info")).runInfo(args, terminal),
};

const verify: CommandSpec = {
  name: "verify",
  summary: "read a whole checkpoint and check it",
  usage: "CHECKPOINT [options]",
  positionals: ["CHECKPOINT"],
  required: 1,
  about:
    "Read every value of a checkpoint: a broken structure, NaN and infinity are found. Exit code 1 when there are any.",
  optionGroups: [{ title: "Options", options: { ...ENGINE_OPTIONS, ...QUIET_OPTION } }],
  examples: ["verify merged/"],
  run: async (args, terminal) => (await import("./commands/verify")).runVerify(args, terminal),
};

const validate: CommandSpec = {
  name: "validate",
  summary: "check a recipe",
  usage: "RECIPE.yml [--json]",
  positionals: ["RECIPE"],
  required: 1,
  about: `Check a recipe and the headers of its checkpoints, and list everything that is wrong by line and column.
No weight is read. Exit code 1 when there are errors; warnings are only told.`,
  optionGroups: [{ title: "Options", options: { json: { about: "print the problems as JSON" } } }],
  examples: ["validate recipe.yml", "validate recipe.yml --json | jq .problems"],
  run: async (args, terminal) => (await import("./commands/validate")).runValidate(args, terminal),
};

const recipe: CommandSpec = {
  name: "recipe",
  summary: "write a merge as a recipe, or for mergekit",
  usage: "[RECIPE.yml] [options]",
  positionals: ["RECIPE"],
  required: 0,
  about: `Write the merge that a recipe or options name as a recipe with every parameter explicit and absolute paths.
With --mergekit, as a YAML file in mergekit's own keys, where mergekit can merge alike; else say why it cannot.`,
  optionGroups: [
    {
      title: "Output (without --out: the standard output)",
      options: {
        mergekit: { about: "for mergekit; of the presets, only --compat mergekit can be expressed" },
        out: { value: "FILE", about: "write to a file" },
        overwrite: { about: "replace a file of this name" },
      },
    },
    { title: "What to write, instead of a recipe or above it", options: { ...SELECTION_OPTIONS, ...DTYPE_OPTION } },
    { title: "Running", options: QUIET_OPTION },
  ],
  examples: [
    "recipe --base base/ --model math/ --model code/=0.5 > recipe.yml",
    "recipe recipe.yml --mergekit --out mergekit.yml",
  ],
  run: async (args, terminal) => (await import("./commands/recipe")).runRecipe(args, terminal),
};

export const COMMANDS: readonly CommandSpec[] = [merge, inspect, info, verify, validate, recipe];
