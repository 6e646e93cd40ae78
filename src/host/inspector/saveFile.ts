/** Files that a person saves from the inspector: where, and whole or not at all. */
import * as vscode from "vscode";
import { writeWhole } from "../../io/writeWhole";

/** Names of the formats in the save dialog. */
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  json: "JSON",
  csv: "CSV",
  html: "HTML",
  svg: "SVG",
  png: "PNG",
};

/** Asks for a place in the first folder of the workspace; undefined when the person left. */
export async function askWhere(title: string, stem: string, extension: string): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title,
    saveLabel: vscode.l10n.t("Save"),
    filters: { [FORMAT_NAMES[extension] ?? extension]: [extension] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, `${stem}.${extension}`) } : {}),
  });
}

/** The editor has asked before a file is replaced. */
export async function saveFile(
  uri: vscode.Uri,
  content: Iterable<string> | AsyncIterable<string> | Uint8Array,
): Promise<void> {
  if (uri.scheme === "file") return writeWhole(uri.fsPath, content);
  if (content instanceof Uint8Array) return vscode.workspace.fs.writeFile(uri, content);
  const parts: string[] = [];
  for await (const part of content) parts.push(part);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(parts.join("")));
}
