import { expect } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { tiesMerge } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { inspectFlags, totalsLine, totalsReady } from "./harness/inspector";
import { answerInspectDialog, fromPalette } from "./harness/mergeDialog";

editorTest("inspecting from the palette asks for base, models and density", async ({ editor, workspace }) => {
  const set = { models: workspace.models.slice(0, 2), density: 0.4 };
  await fromPalette(editor, "Inspect Interference…");
  await answerInspectDialog(editor, { base: "base", ...set });
  await totalsReady(editor);
  const { totals } = JSON.parse(
    tiesMerge("inspect", ...inspectFlags(workspace, set), "--json", "-"),
  ) as InterferenceReport;
  const share = (value: number): string => ((100 * value) / totals.elements).toFixed(1);
  const shown = await totalsLine(editor, "conflict (before → after trim)");
  expect(shown.at(-1)).toBe(`${share(totals.conflictBefore)} % → ${share(totals.conflict)} %`);
  for (const name of set.models) await editor.webview.getByText(name).first().waitFor();
});
