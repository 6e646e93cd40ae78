import { expect } from "vitest";
import type { InterferenceReport, InterferenceStatistics } from "../../src/protocol/report";
import { tiesMerge } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import {
  filterTensors,
  inspectFlags,
  openInspector,
  plainText,
  tensorRow,
  totalsLine,
  ungroup,
  wholeModel,
} from "./harness/inspector";

/** As the panel writes a share; what is not nothing is never written as 0. */
function percent(part: number, whole: number, digits = 1): string {
  const value = (100 * part) / whole;
  const least = 10 ** -digits;
  return value > 0 && value < least ? `< ${least.toFixed(digits)} %` : `${value.toFixed(digits)} %`;
}

const conflict = ({ conflict, conflictBefore, elements }: InterferenceStatistics): string =>
  `${percent(conflictBefore, elements)} → ${percent(conflict, elements)}`;

editorTest("the inspector's figures are those of the command line", async ({ editor, workspace }) => {
  const set = { models: workspace.models.slice(0, 3), density: 0.3 };
  await openInspector(editor, set);
  await editor.screenshot("inspector");
  const report = JSON.parse(tiesMerge("inspect", "--json", "-", ...inspectFlags(workspace, set))) as InterferenceReport;
  const { totals, tensors } = report;
  const { elements, overlap } = totals;

  const note = plainText(
    await wholeModel(editor)
      .getByText(/Counted over all/)
      .textContent(),
  );
  expect(note.replaceAll(" ", "")).toContain(`all${elements}parametersof${tensors.length}tensors`);
  expect(await totalsLine(editor, "kept")).toEqual([
    ...totals.models.map(({ kept }) => percent(kept, elements)),
    percent(elements - overlap[0]!, elements),
  ]);
  expect((await totalsLine(editor, "lost mass")).slice(0, 3)).toEqual(
    totals.models.map(({ lostMass }) => percent(lostMass, 1)),
  );
  expect(await totalsLine(editor, "kept by exactly 0 · 1 · 2 · 3")).toEqual([
    overlap.map((count) => percent(count, elements)).join(" · "),
  ]);
  expect(await totalsLine(editor, "conflict (before → after trim)")).toEqual([conflict(totals)]);
  expect(await totalsLine(editor, "agreement")).toEqual([totals.agreement!.toFixed(3)]);
  expect(await totalsLine(editor, "‖TIES‖ ÷ ‖average‖")).toEqual([(totals.mergedNorm / totals.meanNorm).toFixed(2)]);

  // Every tensor's line; its cells hold the exact figures as their titles.
  await ungroup(editor);
  for (const tensor of tensors) {
    await filterTensors(editor, tensor.name);
    const cells = await tensorRow(editor, tensor.name).getByRole("gridcell").all();
    const exact = await Promise.all(cells.map(async (cell) => plainText(await cell.getAttribute("title"))));
    expect([exact[0]!.replaceAll(" ", ""), ...exact.slice(1)], tensor.name).toEqual([
      String(tensor.elements),
      percent(tensor.conflict, tensor.elements, 4),
      tensor.agreement === null ? "–" : tensor.agreement.toFixed(6),
      ...tensor.models.map(({ kept }) => percent(kept, tensor.elements, 4)),
      ...tensor.models.map(({ lostMass }) => percent(lostMass, 1, 4)),
    ]);
  }
});
