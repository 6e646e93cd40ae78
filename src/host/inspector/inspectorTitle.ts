/** What an inspector's tab is called. */
import * as vscode from "vscode";

const MOST_NAMED = 3;

/**
 * `Interference: a, b, c`, or how many there are. @param of how many were asked for, where not all could be opened: then
 * the title says so.
 */
export function inspectorTitle(models: readonly { name: string }[], of?: number): string {
  if (of !== undefined) return vscode.l10n.t("Interference: {0} of {1} models", models.length, of);
  return models.length <= MOST_NAMED
    ? vscode.l10n.t("Interference: {0}", models.map(({ name }) => name).join(", "))
    : vscode.l10n.t("Interference: {0} models", models.length);
}
