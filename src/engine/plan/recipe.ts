/**
 * Recipes: a merge set in a YAML file, in mergekit's format with keys of our own under `parameters`.
 * All problems are found before a weight is read, each with its line and column.
 */
import { describeError } from "../../protocol/errorText";
import { MergeError, toErrorData } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";
import { createMergeSet } from "./createMergeSet";
import type { MergeSetInput } from "./mergeSetInput";
import { RecipeDocument } from "./recipeDocument";
import type { RecipeProblem } from "./recipeDocument";
import type { RecipeFields } from "./recipeFields";
import type { RecipePaths } from "./recipePaths";
import { RecipeReader } from "./recipeReader";
import { checkTensorNames } from "./recipeTensorNames";

export interface RecipeOptions extends RecipePaths {
  /** Name of the file, for messages. */
  file: string;
  /**
   * Names of the tensors of the checkpoint at an absolute path, to hold filters and layers against; null where they
   * are not known. A `MergeError` that it throws is reported where the checkpoint is named.
   */
  tensorNames?(path: string): readonly string[] | null;
  /** What stands above the recipe, such as flags: applied before anything is found missing. */
  override?(input: MergeSetInput): MergeSetInput;
  /** Holds a set that is read against its checkpoints; a `MergeError` that it throws is a problem of the recipe. */
  tryOut?(set: MergeSet): void;
  /** Takes the warnings of a recipe that is read. */
  onWarning?(problem: RecipeProblem): void;
}

/** Problems that are listed; the others are counted. */
const MAX_LISTED_PROBLEMS = 20;

/** The merge set of a recipe. Throws `recipe-invalid` with all errors as `file:line:column message`. */
export function parseRecipe(text: string, options: RecipeOptions): MergeSet {
  const { set, problems } = checkRecipe(text, options);
  if (set) {
    for (const problem of problems) options.onWarning?.(problem);
    return set;
  }
  const errors = problems.filter(({ severity }) => severity === "error");
  const lines = errors.slice(0, MAX_LISTED_PROBLEMS).map(({ line, column, message }) => {
    return `${options.file}:${line}:${column} ${message}`;
  });
  if (errors.length > lines.length) lines.push(`and ${errors.length - lines.length} more`);
  throw new MergeError("recipe-invalid", { where: options.file, count: errors.length, list: lines.join("\n") });
}

/** The merge set of a recipe, null where there are errors, and what is wrong with it in the order of its lines. */
export function checkRecipe(text: string, options: RecipeOptions): { set: MergeSet | null; problems: RecipeProblem[] } {
  const document = new RecipeDocument(text);
  let set: MergeSet | null = null;
  if (document.root) {
    const reader = new RecipeReader(document, options);
    const read = reader.read(document.root);
    const input = options.override?.(read) ?? read;
    reader.checkWhole(input);
    if (options.tensorNames) checkTensorNames(reader.fields, input, options.tensorNames);
    const isSound = document.problems.every(({ severity }) => severity !== "error");
    if (isSound) set = tried(reader.fields, createMergeSet(input), options);
  }
  return { set, problems: [...document.problems].sort((a, b) => a.line - b.line || a.column - b.column) };
}

function tried(fields: RecipeFields, set: MergeSet, { tryOut }: RecipeOptions): MergeSet | null {
  try {
    tryOut?.(set);
    return set;
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    fields.report("models", describeError(toErrorData(error)));
    return null;
  }
}
