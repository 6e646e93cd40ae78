/** A line above a recipe in the editor that opens the inspector on it. */
import * as vscode from "vscode";
import { looksLikeRecipe } from "./recipeCheck";

/** Where a recipe says what it is. */
const HEADING = /^(?:merge_method|base_model|models|slices)[ \t]*:/m;

export class RecipeLens implements vscode.CodeLensProvider {
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const text = document.getText();
    const heading = looksLikeRecipe(text) ? HEADING.exec(text) : null;
    if (!heading) return [];
    const at = document.positionAt(heading.index);
    const title = vscode.l10n.t("Inspect interference");
    const command = { command: "tiesMerge.inspectRecipe", title, arguments: [document.uri] };
    return [new vscode.CodeLens(new vscode.Range(at, at), command)];
  }
}

export const YAML_FILES: vscode.DocumentSelector = [
  { scheme: "file", language: "yaml" },
  { scheme: "file", pattern: "**/*.{yml,yaml}" },
];
