import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { tiesMerge, weightsDigest } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { totalsReady } from "./harness/inspector";
import { answerMergeDialog, fromPalette } from "./harness/mergeDialog";

editorTest("a merge from the palette gives the bytes of the command line", async ({ editor, workspace }) => {
  const { base, models } = workspace;
  await fromPalette(editor, "Merge Checkpoints…");
  await answerMergeDialog(editor, { base: "base", models, density: 0.3, out: workspace.path("from-palette") });

  const inspect = editor.notification("from-palette").getByRole("button", { name: "Open Inspector" });
  await inspect.waitFor();
  await editor.screenshot("merged from the palette");
  // At once: the notification stays for a quarter of a minute.
  await editor.press(inspect);
  await totalsReady(editor);
  await editor.explorer.row("from-palette").waitFor();

  const flags = models.flatMap((name) => ["--model", workspace.path(name)]);
  tiesMerge("merge", "--out", workspace.path("from-cli"), "--base", base, ...flags, "--density", "0.3");
  expect(weightsDigest(workspace.path("from-palette"))).toBe(weightsDigest(workspace.path("from-cli")));
  const recipe = (name: string): string => readFileSync(join(workspace.path(name), "ties_recipe.yml"), "utf8");
  expect(recipe("from-palette")).toBe(recipe("from-cli"));
});
