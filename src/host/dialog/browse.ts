/** Checkpoints from outside the workspace. One dialog cannot offer files and folders on every platform, hence two. */
import * as vscode from "vscode";

export type Browse = "browse-folder" | "browse-file";

export const browseLabels = (): Record<Browse, string> => ({
  "browse-folder": vscode.l10n.t("Browse for a Checkpoint Folder…"),
  "browse-file": vscode.l10n.t("Browse for a Checkpoint File…"),
});

export const browseIcons: Record<Browse, vscode.ThemeIcon> = {
  "browse-folder": new vscode.ThemeIcon("folder-opened"),
  "browse-file": new vscode.ThemeIcon("file-add"),
};

/** The chosen paths; none when the person left. */
export async function browse(what: Browse, options: { many: boolean; title: string }): Promise<string[]> {
  const folder = what === "browse-folder";
  const start = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: options.title,
    openLabel: vscode.l10n.t("Choose"),
    canSelectFolders: folder,
    canSelectFiles: !folder,
    canSelectMany: options.many,
    ...(start ? { defaultUri: start } : {}),
    ...(folder ? {} : { filters: { [vscode.l10n.t("Checkpoints")]: ["safetensors", "bin", "pt", "pth", "ckpt"] } }),
  });
  return (chosen ?? []).map((uri) => uri.fsPath);
}
