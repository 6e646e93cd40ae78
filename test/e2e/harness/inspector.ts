/** The inspector's panel, read as a person reads it. */
import type { Locator } from "playwright-core";
import type { Editor } from "./editor";
import { answerInspectDialog } from "./mergeDialog";
import type { Workspace } from "./workspace";

export interface InspectedSet {
  models: readonly string[];
  density: number;
}

/** Opens the inspector from the explorer on the base and `models`, and waits for the exact totals. */
export async function openInspector(editor: Editor, { models, density }: InspectedSet): Promise<void> {
  await editor.runFromMenu("Inspect Interference…", ...models, "base");
  await answerInspectDialog(editor, { base: "base", density });
  await totalsReady(editor);
}

export const totalsReady = (editor: Editor): Promise<void> =>
  editor.webview.getByText(/Counted over all/).waitFor({ timeout: 60_000 });

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
