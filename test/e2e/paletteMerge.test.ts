import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { tiesMerge, weightsDigest } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { totalsReady } from "./harness/inspector";
import { answerMergeDialog } from "./harness/mergeDialog";

editorTest("a merge from the palette gives the bytes of the command line", async ({ editor, workspace }) => {
  const { base, models } = workspace;
  await editor.runCommand("TIES Merge: Merge Checkpoints…");
  await answerMergeDialog(editor, { base: "base", models, density: 0.3, out: workspace.path("from-palette") });

  const inspect = editor.notification("from-palette").getByRole("button", { name: "Open Inspector" });
  await inspect.waitFor({ timeout: 60_000 });
  await editor.screenshot("merged from the palette");
  await editor.row("from-palette").waitFor();

  const flags = models.flatMap((name) => ["--model", workspace.path(name)]);
  tiesMerge("merge", "--out", workspace.path("from-cli"), "--base", base, ...flags, "--density", "0.3");
  expect(weightsDigest(workspace.path("from-palette"))).toBe(weightsDigest(workspace.path("from-cli")));
  const recipe = (name: string): string => readFileSync(join(workspace.path(name), "ties_recipe.yml"), "utf8");
  expect(recipe("from-palette")).toBe(recipe("from-cli"));

  await inspect.click();
  await totalsReady(editor);
});
