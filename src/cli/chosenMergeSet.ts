/** The merge set that a command's arguments name: a recipe, options, or options on top of a recipe. */
import { isUtf8 } from "node:buffer";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ModelInput } from "../engine/plan/mergeSetInput";
import { DTYPE_NAMES, floatDtypeNamed } from "../engine/plan/floatDtypeName";
import { parseRecipe } from "../engine/plan/recipe";
import type { RecipeOptions } from "../engine/plan/recipe";
import type { RecipeProblem } from "../engine/plan/recipeDocument";
import { POLICY_KEYS } from "../engine/plan/recipeKeys";
import { mergeSetFromSelection, withSelection } from "../engine/plan/selection";
import type { Selection } from "../engine/plan/selection";
import { fileError } from "../io/fileErrors";
import { checkpointExists, isAdapter, openCheckpoint } from "../io/openCheckpoint";
import { MergeError } from "../protocol/errors";
import { COMPATS, MAX_SEED, METHODS, TRIM_SCOPES, usesTaskVectors } from "../protocol/mergeSet";
import type { MergeSet } from "../protocol/mergeSet";
import type { Arguments } from "./arguments";
import { checkpointPath } from "./checkpointPath";
import { printable } from "./printable";
import type { Terminal } from "./terminal";

const MAX_RECIPE_BYTES = 1_000_000;

/** Throws what is wrong with it; warnings about a recipe go to `terminal`. */
export async function chosenMergeSet(args: Arguments, terminal: Terminal): Promise<MergeSet> {
  const selection = readSelection(args);
  const [recipe] = args.positionals;
  if (recipe === undefined) {
    checkComplete(args, selection);
    return mergeSetFromSelection(selection, isAdapter);
  }
  return parseRecipe(await readRecipe(recipe), {
    ...recipeOptions(recipe),
    override: (input) => withSelection(input, selection),
    onWarning: (problem) => {
      if (!args.has("quiet")) terminal.note(problemLine(recipe, problem));
    },
  });
}

/** How the recipe in `file` is read: its paths are relative to it, and checkpoints are looked at. */
export function recipeOptions(file: string): RecipeOptions {
  const folder = dirname(resolve(file));
  return {
    file,
    resolvePath: (path) => resolve(folder, path),
    exists: existsSync,
    isAdapter,
    tensorNames: (path) => (checkpointExists(path) ? [...openCheckpoint(path).tensors.keys()] : null),
  };
}

export const problemLine = (file: string, { line, column, severity, message }: RecipeProblem): string =>
  printable(`${file}:${line}:${column}: ${severity}: ${message}`);

/** The text of a recipe. Throws `not-a-recipe` for what is no text of a recipe's size. */
export async function readRecipe(path: string): Promise<string> {
  try {
    // A checkpoint given in the place of a recipe is not read into memory.
    const stats = await stat(path);
    if (stats.isDirectory() || stats.size > MAX_RECIPE_BYTES) throw new MergeError("not-a-recipe", { where: path });
    const bytes = await readFile(path);
    if (bytes.includes(0) || !isUtf8(bytes)) throw new MergeError("not-a-recipe", { where: path });
    return bytes.toString("utf8");
  } catch (error) {
    throw fileError(error, path);
  }
}

function readSelection(args: Arguments): Selection {
  const models = args.texts("model").map((text) => readModel(args, text));
  const base = args.text("base");
  return {
    method: args.word("method", METHODS),
    compat: args.word("compat", COMPATS),
    base: base === undefined ? undefined : checkpointPath(base),
    models: models.length > 0 ? models : undefined,
    density: args.parsed("density", (text) => numberFrom(text, 0, 1), "a number from 0 to 1"),
    lambda: args.parsed("lambda", (text) => numberFrom(text), "a number"),
    trimScope: args.word("trim-scope", TRIM_SCOPES),
    fisher: statisticsFiles(args, "fisher"),
    gram: statisticsFiles(args, "gram"),
    normalizeFisher: args.has("normalize-fisher") ? true : undefined,
    filterWise: args.has("filter-wise") ? true : undefined,
    seed: args.parsed("seed", seedFrom, "a whole number from 0 to 4294967295"),
    gamma: args.parsed("gamma", (text) => numberFrom(text, 0, 1), "a number from 0 to 1"),
    rank: args.parsed("rank", rankFrom, "a whole number above 0"),
    epsilon: args.parsed("epsilon", (text) => numberFrom(text, 0, 0.5), "a number from 0 to 0.5"),
    t: args.parsed("t", (text) => numberFrom(text, 0, 1), "a number from 0 to 1"),
    selectTopk: args.parsed("select-topk", (text) => numberFrom(text, 0, 1), "a number from 0 to 1"),
    alpha: args.parsed("alpha", (text) => numberFrom(text, 0, 1), "a number from 0 to 1"),
    include: args.has("include") ? args.texts("include") : undefined,
    exclude: args.has("exclude") ? args.texts("exclude") : undefined,
    nonFinite: args.word("non-finite", POLICY_KEYS.non_finite.words),
    nonFloat: args.word("non-float", POLICY_KEYS.non_float.words),
    vocab: args.word("vocab", POLICY_KEYS.vocab.words),
    missing: args.word("missing", POLICY_KEYS.missing.words),
    outDtype: args.parsed("dtype", floatDtypeNamed, `one of ${DTYPE_NAMES.join(", ")}`),
  };
}

/** `PATH` or `PATH=WEIGHT`; a path that has a `=` of its own and is there is meant as it stands. */
function readModel(args: Arguments, text: string): ModelInput {
  const cut = text.lastIndexOf("=");
  if (cut > 0 && !checkpointExists(text)) {
    const weight = numberFrom(text.slice(cut + 1));
    if (weight !== undefined) return { path: checkpointPath(text.slice(0, cut)), weight };
    if (checkpointExists(text.slice(0, cut))) throw args.error(`the weight of --model \`${text}\` must be a number`);
  }
  return { path: checkpointPath(text) };
}

const statisticsFiles = (args: Arguments, option: "fisher" | "gram"): string[] | undefined =>
  args.has(option) ? args.texts(option).map(checkpointPath) : undefined;

function checkComplete(args: Arguments, selection: Selection): void {
  if (!selection.models) throw args.error("a recipe or at least one --model is needed");
  const method = selection.method ?? "ties";
  const onlyAdapters = selection.models.every(({ path }) => isAdapter(path));
  if (usesTaskVectors(method) && selection.base === undefined && !onlyAdapters)
    throw args.error(`--base is needed for ${method}`);
}

function seedFrom(text: string): number | undefined {
  const seed = numberFrom(text, 0, MAX_SEED);
  return Number.isInteger(seed) ? seed : undefined;
}

function rankFrom(text: string): number | undefined {
  const rank = numberFrom(text, 1);
  return Number.isSafeInteger(rank) ? rank : undefined;
}

/** A finite decimal number between the bounds. */
function numberFrom(text: string, min = -Infinity, max = Infinity): number | undefined {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}
