import { existsSync } from "node:fs";
import { expect } from "vitest";
import { editorTest } from "./harness/editorTest";
import { answerMergeDialog, fromExplorer } from "./harness/mergeDialog";

editorTest("a broken checkpoint is refused with what is wrong and where", async ({ editor, workspace }) => {
  const out = workspace.path("never");
  await fromExplorer(editor, "Merge Checkpoints…", "base", "broken");
  await answerMergeDialog(editor, { base: "base", density: 0.2, out });
  const message = editor.notification("broken");
  await message.waitFor();
  await editor.notification("Merging into").waitFor({ state: "detached" });
  await editor.screenshot("broken checkpoint");
  const text = (await message.textContent()) ?? "";
  expect(text).toMatch(/broken.model\.safetensors/);
  expect(text).not.toMatch(/undefined|\[object|\{\w+\}|at \w+ \(/);
  expect(existsSync(out)).toBe(false);
});
