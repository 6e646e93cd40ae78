/** What is wrong with a recipe in the editor: the validator's problems, with tensor names that the engine reads. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkRecipe } from "../../engine/plan/recipe";
import type { RecipeProblem } from "../../engine/plan/recipeDocument";
import { fromErrorData, type MergeError, toErrorData } from "../../protocol/errors";

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
    const check = (): RecipeProblem[] =>
      checkRecipe(text, {
        file,
        resolvePath: (path) => resolve(dirname(file), path),
        exists: existsSync,
        tensorNames: (path) => this.namesOf(path, missing),
      }).problems;
    const problems = check();
    if (missing.size === 0) return problems;
    await Promise.all([...missing].map((path) => this.load(path)));
    return check();
  }

  private namesOf(path: string, missing: Set<string>): readonly string[] | null {
    const known = this.names.get(path);
    if (known instanceof Error) throw known;
    if (known === undefined && existsSync(path)) missing.add(path);
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
