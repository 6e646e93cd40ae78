/** The inspector's panel, read as a person reads it. */
import type { Locator } from "playwright-core";
import type { Editor } from "./editor";
import { answerInspectDialog, fromExplorer } from "./mergeDialog";
import type { Workspace } from "./workspace";

export interface InspectedSet {
  models: readonly string[];
  density: number;
}

/** Opens the inspector from the explorer on the base and `models`, and waits for the exact totals. */
export async function openInspector(editor: Editor, { models, density }: InspectedSet): Promise<void> {
  await fromExplorer(editor, "Inspect Interference…", ...models, "base");
  await answerInspectDialog(editor, { base: "base", density });
  await totalsReady(editor);
}

export const totalsReady = (editor: Editor): Promise<void> => editor.webview.getByText(/Counted over all/).waitFor();

/** Goes to the table of tensors, beside which the pictures stand. */
export async function showTensors(editor: Editor): Promise<void> {
  const tab = editor.webview.getByRole("tab", { name: "Tensors" });
  await editor.untilShown(tab.and(editor.webview.locator("[aria-selected=true]")), () => tab.click());
}

/** The table lists the tensors one below the other, without their layers. */
export async function ungroup(editor: Editor): Promise<void> {
  await showTensors(editor);
  const grouping = editor.webview.getByRole("checkbox", { name: "Group by layer" });
  await editor.untilShown(grouping.and(editor.webview.locator("[aria-checked=false]")), () => grouping.click());
}

/** Leaves just the lines of the table whose names contain `name`. */
export async function filterTensors(editor: Editor, name: string): Promise<void> {
  await editor.webview.getByRole("textbox", { name: "Filter by name" }).fill(name);
  await tensorRow(editor, name).waitFor();
}

/** Opens the pictures of a tensor that the table lists. */
export async function openTensor(editor: Editor, tensor: string): Promise<void> {
  const heading = editor.webview.getByRole("heading", { name: tensor });
  // At the left: with many models the middle of the line may be scrolled out of sight.
  await editor.untilShown(heading, () => tensorRow(editor, tensor).click({ position: { x: 60, y: 10 } }));
}

export interface ShownParameter {
  row: number;
  column: number;
  /** As it is written. */
  result: string;
}

const parameterPanel = (editor: Editor): Locator => editor.webview.getByRole("region", { name: "One parameter" });

/** The panel of one parameter once it has read it; `before`: what it showed until now. */
export function shownParameter(editor: Editor, before: ShownParameter | null): Promise<ShownParameter> {
  const panel = parameterPanel(editor);
  const place = async (): Promise<string> => plainText(await panel.locator(".place").textContent({ timeout: 5_000 }));
  return editor.until("another parameter to be shown", async () => {
    const first = await place();
    if ((await panel.getAttribute("aria-busy", { timeout: 5_000 })) !== "false") return null;
    const result = plainText(await panel.locator(".result").textContent({ timeout: 5_000 }));
    // The pictures may move on between two looks.
    if ((await place()) !== first) return null;
    const [row = NaN, column = NaN] = first
      .replace(/[[\] ]/g, "")
      .split(",")
      .map(Number);
    return before?.row === row && before.column === column ? null : { row, column, result };
  });
}

/** The flags that name the same set on the command line. */
export const inspectFlags = (workspace: Workspace, { models, density }: InspectedSet): string[] => [
  "--base",
  workspace.base,
  ...models.flatMap((name) => ["--model", workspace.path(name)]),
  "--density",
  String(density),
];

/** The cells of a line of the totals. */
export async function totalsLine(editor: Editor, heading: string): Promise<string[]> {
  const row = wholeModel(editor)
    .getByRole("row")
    .filter({ has: editor.webview.getByRole("rowheader", { name: heading, exact: true }) });
  return (await row.getByRole("cell").allTextContents()).map(plainText);
}

export const wholeModel = (editor: Editor): Locator => editor.webview.getByRole("region", { name: "Whole model" });

/** The line of the table of layers for a tensor. */
export const tensorRow = (editor: Editor, tensor: string): Locator =>
  editor.webview.getByRole("treegrid").locator(`[role=row][data-tensor="${tensor}"]`);

/** Text with single spaces and an ASCII minus. */
export const plainText = (text: string | null): string => (text ?? "").replace(/\s+/g, " ").replaceAll("−", "-").trim();
