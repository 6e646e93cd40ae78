/** Saves a report where the person wants it: as JSON, or as a table. */
import { setImmediate } from "node:timers/promises";
import * as vscode from "vscode";
import { reportCsv } from "../../engine/stats/reportCsv";
import type { InterferenceReport } from "../../protocol/report";
import { reportJson } from "./reportText";

/** Asks where; false when the person left. */
export async function exportReport(title: string, report: () => Promise<InterferenceReport>): Promise<boolean> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title,
    saveLabel: vscode.l10n.t("Save Report"),
    filters: { JSON: ["json"], CSV: ["csv"] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, "interference.json") } : {}),
  });
  if (!uri) return false;
  const computed = await report();
  await setImmediate();
  const text = uri.path.toLowerCase().endsWith(".csv") ? reportCsv(computed) : await reportJson(computed);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return true;
}
