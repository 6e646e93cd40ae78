import { expect } from "vitest";
import { editorTest } from "./harness/editorTest";
import { openInspector, openTensor, tensorRow, ungroup, wholeModel } from "./harness/inspector";

editorTest("the inspector is there again after the window was reloaded", async ({ editor, workspace }) => {
  const set = { models: workspace.models.slice(0, 2), density: 0.2 };
  await openInspector(editor, set);
  await ungroup(editor);
  const row = editor.webview.locator("[role=row][data-tensor]").first();
  const tensor = (await row.getAttribute("data-tensor"))!;
  await openTensor(editor, tensor);
  const summary = wholeModel(editor).getByRole("button");
  await editor.webview.locator(".badge.exact").waitFor();
  const before = await summary.textContent();

  await editor.reload(tensor);
  await editor.webview.getByRole("heading", { name: tensor }).waitFor();
  await summary.getByText(/agreement/).waitFor();
  // Exact figures are remembered, estimates are there before they are read.
  await expect.poll(() => summary.textContent(), { timeout: 90_000 }).toBe(before);
  expect(await tensorRow(editor, tensor).getAttribute("aria-selected")).toBe("true");
});
