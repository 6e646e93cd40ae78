/** The checkpoints that a recipe names. */
import type { Node } from "yaml";
import { missingModel, modelReference } from "./modelReference";
import type { RecipeDocument } from "./recipeDocument";

export interface RecipePaths {
  /** A path of the recipe as an absolute path. */
  resolvePath(path: string): string;
  /** Whether anything is at an absolute path; without it, paths are not looked at. */
  exists?(path: string): boolean;
}

/** The absolute path of a file of statistics; notes where there is none. */
export function statisticsNode(
  document: RecipeDocument,
  { resolvePath, exists }: RecipePaths,
  node: Node | null,
  key: string,
): string | undefined {
  const written = document.text(node, `\`${key}\``);
  if (written === undefined) return undefined;
  const path = resolvePath(written);
  if (exists && !exists(path)) document.report(node, `there is no file at ${path}`);
  return path;
}

/** The absolute path of a checkpoint; notes what is wrong with it. */
export function checkpointNode(
  document: RecipeDocument,
  { resolvePath, exists }: RecipePaths,
  node: Node | null,
  key: string,
): string | undefined {
  const written = document.text(node, `\`${key}\``);
  if (written === undefined) return undefined;
  const isThere = (path: string): boolean => !exists || exists(resolvePath(path));
  const reference = modelReference(written, isThere);
  const path = resolvePath(reference.path);
  if (!isThere(reference.path)) document.report(node, missingModel(reference, path));
  else if (reference.revision !== undefined) {
    document.report(node, `a local folder has no revisions: \`@${reference.revision}\` is not looked at`, "warning");
  }
  if (reference.adapter !== undefined) {
    document.report(
      node,
      `the adapter \`${reference.adapter}\` cannot be merged from a recipe yet: merge it into its model first ` +
        "(`merge_and_unload()`, then `save_pretrained()`) and give that folder",
    );
  }
  return path;
}
