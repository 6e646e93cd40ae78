/** Leads the person to what was written. */
import * as vscode from "vscode";

/** In the explorer where it is in the workspace, in the system's file manager where there is one, else its model card. */
export async function reveal(out: string): Promise<void> {
  const uri = vscode.Uri.file(out);
  if (vscode.workspace.getWorkspaceFolder(uri)) {
    await vscode.commands.executeCommand("revealInExplorer", uri);
  } else if (vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined) {
    await vscode.commands.executeCommand("revealFileInOS", uri);
  } else {
    await vscode.window.showTextDocument(vscode.Uri.joinPath(uri, "README.md"));
  }
}
