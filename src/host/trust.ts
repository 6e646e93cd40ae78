/** Looking at checkpoints is allowed in any workspace; writing needs the person's trust in it. */
import * as vscode from "vscode";

/** Whether writing is allowed; where not, says so and leads to where it is decided. */
export async function mayWrite(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t("Manage Trust");
  const message = vscode.l10n.t("Merging writes files, which this workspace is not trusted to do. Inspecting works.");
  if ((await vscode.window.showWarningMessage(message, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return false;
}
