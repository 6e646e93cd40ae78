/** `tiesMerge.inspectRecipe`: shows where the models of a recipe interfere, merged as it says. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import { looksLikeRecipe, RecipeCheck, type ReadNames } from "../diagnostics/recipeCheck";
import { showFailure } from "../failure";
import { openInspector, type InspectorOpener } from "./inspectCommand";

/** A larger file is no recipe, and not read into memory. */
const MAX_RECIPE_BYTES = 1_000_000;

export interface RecipeServices {
  inspectors: InspectorOpener;
  log: vscode.LogOutputChannel;
  /** Tensor names of a checkpoint, which a recipe's filters are held against. */
  readNames: ReadNames;
}

/** @param uri the file under the pointer; the one in the active editor where there is none. */
export async function inspectRecipe({ inspectors, log, readNames }: RecipeServices, uri: unknown): Promise<void> {
  const file = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  if (!file) return;
  try {
    const text = await recipeText(file);
    if (text === undefined) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t(
          "{0} is not a recipe: a YAML file that names a merge_method and its models.",
          basename(file.fsPath),
        ),
      );
      return;
    }
    await openInspector(inspectors, await new RecipeCheck(readNames).mergeSet(text, file.fsPath));
  } catch (error) {
    await showFailure(log, error);
  }
}

/** As it stands in its editor, saved or not; undefined where it is none. */
async function recipeText(uri: vscode.Uri): Promise<string | undefined> {
  if (uri.scheme !== "file" || (await stat(uri.fsPath)).size > MAX_RECIPE_BYTES) return undefined;
  const text = (await vscode.workspace.openTextDocument(uri)).getText();
  return looksLikeRecipe(text) ? text : undefined;
}
