import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { editorTest } from "./harness/editorTest";
import { totalsReady } from "./harness/inspector";

editorTest("the inspector opens on a file that is cut off, and without a model", async ({ editor, workspace }) => {
  const [a] = workspace.models;
  mkdirSync(workspace.path("lost"));
  // Its header is cut off, too.
  const head = readFileSync(workspace.path("base/model.safetensors")).subarray(0, 100);
  writeFileSync(workspace.path("lost/model.safetensors"), head);
  const models = [a, "lost", "broken"].map((name) => `  - model: ${name}\n`).join("");
  writeFileSync(workspace.path("broken.yml"), `merge_method: ties\nbase_model: base\nmodels:\n${models}`);

  // The explorer lists what is there when the window opens.
  await editor.page.reload();
  const file = editor.explorer.row("broken.yml");
  await file.waitFor();
  const lens = editor.page.locator(".codelens-decoration a").getByText("Inspect interference");
  await editor.untilShown(lens, () => file.dblclick());
  await editor.untilShown(editor.webview.locator("ties-inspector"), () => lens.click({ timeout: 5_000 }));
  await totalsReady(editor);

  const note = editor.webview.getByRole("complementary", { name: "Damaged or missing" });
  const text = (await note.textContent()) ?? "";
  expect(text).toMatch(
    /broken \(in part\): The file is cut off: bytes missing at its end: 100 \(100 B\); tensors lost/,
  );
  expect(text).toMatch(/lost \(left out\): The header claims/);
  const chips = editor.webview.locator("ties-merge-set-bar .models .chip");
  expect(await chips.locator("b").allTextContents()).toEqual([a, "lost", "broken"]);
  await editor.page.getByRole("tab", { name: "Interference: 2 of 3 models" }).waitFor();
  await editor.screenshot("inspector of a broken set");
});
