/** What went wrong, in the editor's language; the details and the stack go to the log. */
import * as vscode from "vscode";
import { toErrorData, type ErrorData } from "../protocol/errors";
import { describeError, describeInEditor, ERROR_TEXT } from "../protocol/errorText";

const translated = (template: string): string => vscode.l10n.t(template);

export const failureText = (error: ErrorData): string => describeInEditor(error, translated);

/** The texts of all errors in the editor's language, by the English ones: for pages, which have no other way to them. */
export const translatedErrors = (): Record<string, string> =>
  Object.fromEntries(
    Object.values(ERROR_TEXT)
      .flatMap((texts) => Object.values(texts))
      .map((text) => [text, translated(text)]),
  );

export const isCancelled = (error: unknown): boolean => toErrorData(error).code === "cancelled";

export function logFailure(log: vscode.LogOutputChannel, error: unknown): void {
  const data = toErrorData(error);
  log.error(`${data.code}: ${describeError(data)}`);
  if (data.stack) log.error(data.stack);
}

/** Logs `error` and shows it with a way to the log. What the person has cancelled needs no message. */
export async function showFailure(log: vscode.LogOutputChannel, error: unknown): Promise<void> {
  if (isCancelled(error)) return;
  logFailure(log, error);
  const showLog = vscode.l10n.t("Show Log");
  const answer = await vscode.window.showErrorMessage(failureText(toErrorData(error)), showLog);
  if (answer === showLog) log.show();
}
