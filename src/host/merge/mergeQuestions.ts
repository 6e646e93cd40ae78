/** What only the person can decide about an output that is not empty. `undefined`: they left. */
import { access } from "node:fs/promises";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { FINGERPRINT_FILE, partialFolderOf } from "../../io/partialFolder";

/** Whether an earlier merge into `out` was broken off and can be gone on with. */
export async function hasUnfinished(out: string): Promise<boolean> {
  return access(join(partialFolderOf(out), FINGERPRINT_FILE)).then(
    () => true,
    () => false,
  );
}

export async function askResume(out: string): Promise<"resume" | "start-over" | undefined> {
  const resume = vscode.l10n.t("Resume");
  const startOver = vscode.l10n.t("Start Over");
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t("An earlier merge into {0} was not finished.", basename(out)),
    { modal: true, detail: vscode.l10n.t("Resume goes on from the tensors that are complete.") },
    resume,
    startOver,
  );
  return answer === resume ? "resume" : answer === startOver ? "start-over" : undefined;
}

/** The unfinished output is of other inputs or another recipe. */
export async function askStartOver(out: string): Promise<"start-over" | undefined> {
  const startOver = vscode.l10n.t("Start Over");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("The unfinished merge into {0} was of other inputs or another recipe.", basename(out)),
    { modal: true, detail: vscode.l10n.t("What it has written so far is removed.") },
    startOver,
  );
  return answer === startOver ? "start-over" : undefined;
}

export async function askOverwrite(out: string): Promise<"overwrite" | undefined> {
  const overwrite = vscode.l10n.t("Overwrite");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("{0} exists already. Overwrite it?", basename(out)),
    { modal: true, detail: vscode.l10n.t("{0}\nIt is replaced when the new one is complete, not before.", out) },
    overwrite,
  );
  return answer === overwrite ? "overwrite" : undefined;
}
