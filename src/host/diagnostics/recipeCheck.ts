/** What is wrong with a recipe in the editor: the validator's problems, with tensor names that the engine reads. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkRecipe, parseRecipe, type RecipeOptions } from "../../engine/plan/recipe";
import type { RecipeProblem } from "../../engine/plan/recipeDocument";
import { checkpointExists, isAdapter } from "../../io/openCheckpoint";
import { fromErrorData, type MergeError, toErrorData } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";

/** Tensor names of a checkpoint; rejects with what is wrong with it. */
export type ReadNames = (path: string) => Promise<readonly string[]>;

/** Whether a YAML text is meant as a recipe, ours or mergekit's. */
export const looksLikeRecipe = (text: string): boolean =>
  /^merge_method[ \t]*:/m.test(text) || (/^base_model[ \t]*:/m.test(text) && /^(models|slices)[ \t]*:/m.test(text));

/** Checks recipes; the names of a checkpoint are read when a recipe needs them first. */
export class RecipeCheck {
  private readonly names = new Map<string, readonly string[] | MergeError>();

  constructor(private readonly readNames: ReadNames) {}

  /** Checkpoints may have changed: their names are read anew. */
  forget(): void {
    this.names.clear();
  }

  /** @param file absolute path of the recipe, which its paths are relative to. */
  async problems(text: string, file: string): Promise<RecipeProblem[]> {
    const missing = new Set<string>();
    const check = (): RecipeProblem[] => checkRecipe(text, this.options(file, missing)).problems;
    const problems = check();
    if (missing.size === 0) return problems;
    await Promise.all([...missing].map((path) => this.load(path)));
    return check();
  }

  /** What the recipe in `file` merges. Rejects with `recipe-invalid`, which lists what is wrong with it. */
  async mergeSet(text: string, file: string): Promise<MergeSet> {
    // Reads the names that it needs.
    await this.problems(text, file);
    return parseRecipe(text, this.options(file, new Set()));
  }

  /** @param missing takes the checkpoints whose names are needed and not known. */
  private options(file: string, missing: Set<string>): RecipeOptions {
    return {
      file,
      resolvePath: (path) => resolve(dirname(file), path),
      exists: existsSync,
      isAdapter,
      tensorNames: (path) => this.namesOf(path, missing),
    };
  }

  private namesOf(path: string, missing: Set<string>): readonly string[] | null {
    const known = this.names.get(path);
    if (known instanceof Error) throw known;
    if (known === undefined && checkpointExists(path)) missing.add(path);
    return known ?? null;
  }

  private async load(path: string): Promise<void> {
    try {
      this.names.set(path, await this.readNames(path));
    } catch (error) {
      this.names.set(path, fromErrorData(toErrorData(error)));
    }
  }
}
