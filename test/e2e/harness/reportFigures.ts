/** What the panel shows of a report, held against the command line's. */
import { expect } from "vitest";
import type { InterferenceReport, InterferenceStatistics } from "../../../src/protocol/report";
import type { Editor } from "./editor";
import { filterTensors, plainText, tensorRow, totalsLine, wholeModel } from "./inspector";

/** As the panel writes a share; what is not nothing is never written as 0. */
export function percent(part: number, whole: number, digits = 1): string {
  const value = (100 * part) / whole;
  const least = 10 ** -digits;
  return value > 0 && value < least ? `< ${least.toFixed(digits)} %` : `${value.toFixed(digits)} %`;
}

export const conflict = ({ conflict, conflictBefore, elements }: InterferenceStatistics): string =>
  `${percent(conflictBefore, elements)} → ${percent(conflict, elements)}`;

/** The figures of the whole model. */
export async function expectTotals(editor: Editor, { totals, tensors }: InterferenceReport): Promise<void> {
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
  expect((await totalsLine(editor, "lost mass")).slice(0, totals.models.length)).toEqual(
    totals.models.map(({ lostMass }) => percent(lostMass, 1)),
  );
  expect(await totalsLine(editor, `kept by exactly ${overlap.map((_, models) => models).join(" · ")}`)).toEqual([
    overlap.map((count) => percent(count, elements)).join(" · "),
  ]);
  expect(await totalsLine(editor, "conflict (before → after trim)")).toEqual([conflict(totals)]);
  expect(await totalsLine(editor, "agreement")).toEqual([totals.agreement!.toFixed(3)]);
  expect(await totalsLine(editor, "‖τ_m‖ ÷ ‖average‖")).toEqual([(totals.mergedNorm / totals.meanNorm).toFixed(2)]);
}

/** A tensor's line of the table, which is not grouped; its cells hold the exact figures as their titles. */
export async function expectTensorRow(editor: Editor, tensor: InterferenceReport["tensors"][number]): Promise<void> {
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
