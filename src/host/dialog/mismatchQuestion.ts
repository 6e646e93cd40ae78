/** What only the person can decide about checkpoints that are not quite alike: merge what they have in common? */
import * as vscode from "vscode";
import { toErrorData } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";
import { failureText } from "../failure";

/** The set as the person wants it after `error`; undefined when they left. Throws what no answer can mend. */
export async function changeMismatched(error: unknown, set: MergeSet): Promise<MergeSet | undefined> {
  const data = toErrorData(error);
  if (data.code === "vocabulary-differs" && set.vocab !== "common") {
    const question = vscode.l10n.t("The vocabularies have different sizes. Merge the rows that all have?");
    const merge = vscode.l10n.t("Merge Common Rows");
    return (await confirm(question, failureText(data), merge)) ? { ...set, vocab: "common" } : undefined;
  }
  if (data.code === "tensors-missing" && set.missing !== "base" && set.base !== null) {
    const question = vscode.l10n.t("Some tensors are not in all checkpoints. Take the base's for them?");
    const take = vscode.l10n.t("Take the Base's");
    return (await confirm(question, failureText(data), take)) ? { ...set, missing: "base" } : undefined;
  }
  throw error;
}

async function confirm(question: string, detail: string, button: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}
