/** Saves an exact report where the person wants it: as JSON, as a table, or as one HTML file. */
import * as vscode from "vscode";
import { reportCsv } from "../../protocol/reportCsv";
import type { ReportFormat } from "../../protocol/inspector";
import type { InterferenceReport } from "../../protocol/report";
import { unpackTensors } from "../../protocol/tensorTable";
import { htmlReport, type HtmlReportOptions } from "../../worker/htmlReport";
import { askWhere, saveFile } from "./saveFile";
import type { InspectorSession } from "./inspectorSession";
import { reportJson } from "./reportText";

/** Asks where, waits until every figure is exact, writes. `page` says what a page of HTML needs beside the figures. */
export async function exportReport(
  session: InspectorSession,
  format: ReportFormat,
  page: () => Promise<HtmlReportOptions>,
  signal: AbortSignal,
): Promise<void> {
  const uri = await askWhere(vscode.l10n.t("Save the Interference Report"), "interference", format);
  if (!uri) return;
  const statistics = (): Promise<InterferenceReport> => session.statistics({ signal, progress: () => undefined });
  if (format !== "html") {
    const report = await statistics();
    return saveFile(uri, [format === "csv" ? reportCsv(report) : await reportJson(report)]);
  }
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t("Writing the report"),
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    // The page may be hidden while its report is written: only the person stops that.
    const context = { signal: stop.signal, progress: () => undefined };
    const report = await session.statistics(context);
    let share = 0;
    const inspection = await session.usedInspection();
    const parts = htmlReport(
      {
        inspection: { ...inspection, tensors: unpackTensors(inspection.tensors) },
        report,
        tile: (request) => session.tile(request, context),
        parameters: (request) => session.parameters(request, context),
      },
      {
        ...(await page()),
        signal: stop.signal,
        onTensor: (message, done, total) => {
          const now = total > 0 ? (100 * done) / total : 0;
          progress.report({ message, increment: now - share });
          share = now;
        },
      },
    );
    await saveFile(uri, parts);
  });
}
