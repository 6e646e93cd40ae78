import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { tiesMerge } from "./harness/commandLine";
import type { Editor } from "./harness/editor";
import { editorTest } from "./harness/editorTest";
import { inspectFlags, openInspector, totalsLine, ungroup } from "./harness/inspector";
import { conflict, expectTensorRow, expectTotals, percent } from "./harness/reportFigures";
import type { Workspace } from "./harness/workspace";

/** Saves a report from the menu, under a name of its own. */
async function exported(editor: Editor, { folder }: Workspace, entry: string, extension: string): Promise<string> {
  const file = join(folder, `saved.${extension}`);
  const item = editor.webview.getByRole("menuitem", { name: entry });
  await editor.untilShown(item, () => editor.webview.getByRole("button", { name: "Export" }).click());
  await item.click();
  await editor.questions.answer(/Save the Interference Report/, file);
  await editor.until(`${file} to be written`, async () => existsSync(file));
  return readFileSync(file, "utf8");
}

/** What the page of a report holds. */
function statisticsIn(html: string): InterferenceReport {
  const [, base64 = ""] = /id="ties-report-statistics">([^<]*)</.exec(html) ?? [];
  return JSON.parse(gunzipSync(new Uint8Array(Buffer.from(base64, "base64"))).toString("utf8")) as InterferenceReport;
}

const figures = ({ models, totals, groups, tensors }: InterferenceReport): unknown => ({
  models,
  totals,
  groups,
  tensors,
});

editorTest(
  "the inspector's figures are those of the command line; so are exported ones and those of another density",
  async ({ editor, workspace }) => {
    const set = { models: workspace.models.slice(0, 3), density: 0.3 };
    await openInspector(editor, set);
    await editor.screenshot("inspector");
    const report = JSON.parse(
      tiesMerge("inspect", "--json", "-", ...inspectFlags(workspace, set)),
    ) as InterferenceReport;
    await expectTotals(editor, report);
    await ungroup(editor);
    for (const tensor of report.tensors) await expectTensorRow(editor, tensor);

    // Exported, they are the same.
    expect(
      figures(JSON.parse(await exported(editor, workspace, "Report as JSON…", "json")) as InterferenceReport),
    ).toEqual(figures(report));
    const csv = tiesMerge("inspect", "--csv", "-", ...inspectFlags(workspace, set));
    expect(await exported(editor, workspace, "Table of the tensors as CSV…", "csv")).toBe(csv);
    expect(figures(statisticsIn(await exported(editor, workspace, "Report as one HTML file…", "html")))).toEqual(
      figures(report),
    );

    // A slider of the bar: what is shown is of the density that it stands at.
    await editor.webview.getByRole("tab", { name: "Overview" }).click();
    const slider = editor.webview.getByRole("slider", { name: "Density", exact: true });
    for (let step = 0; step < 5; step++) await slider.press("ArrowRight");
    const density = Number(await slider.inputValue());
    expect(density).toBeGreaterThan(set.density);
    const recompute = editor.webview.getByRole("button", { name: "Recompute exactly" });
    const changed = JSON.parse(
      tiesMerge("inspect", "--json", "-", ...inspectFlags(workspace, { ...set, density })),
    ) as InterferenceReport;
    const expected = changed.totals.models.map(({ kept }) => percent(kept, changed.totals.elements));
    await editor.until("the figures of the new density", async () => {
      if (await recompute.isVisible()) await recompute.click({ timeout: 5_000 });
      const shown = await totalsLine(editor, "kept");
      return expected.every((text, at) => shown[at] === text) || null;
    });
    expect(await totalsLine(editor, "conflict (before → after trim)")).toEqual([conflict(changed.totals)]);
    await editor.screenshot("inspector with another density");
  },
);
