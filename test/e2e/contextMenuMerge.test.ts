import { expect } from "vitest";
import { tiesMerge, weightsDigest } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { answerMergeDialog, fromExplorer } from "./harness/mergeDialog";
import type { Workspace } from "./harness/workspace";

const MERGE = "Merge Checkpoints…";

function digestOfCommandLine(workspace: Workspace, models: readonly string[]): string {
  const flags = models.flatMap((name) => ["--model", workspace.path(name)]);
  tiesMerge("merge", "--out", workspace.path("from-cli"), "--base", workspace.base, ...flags, "--density", "0.2");
  return weightsDigest(workspace.path("from-cli"));
}

editorTest("a right-click on several folders merges just those", async ({ editor, workspace }) => {
  const [first = "", second = ""] = workspace.models;
  // The base last: neither it nor the order of the models is taken from the order of the clicks.
  await fromExplorer(editor, MERGE, second, first, "base");
  await answerMergeDialog(editor, { base: "base", density: 0.2, out: workspace.path("from-menu") });
  await editor.notification("from-menu").getByRole("button", { name: "Reveal" }).waitFor();
  expect(weightsDigest(workspace.path("from-menu"))).toBe(digestOfCommandLine(workspace, [first, second]));
});

editorTest("a right-click on one folder asks for the others", async ({ editor, workspace }) => {
  const [first = "", second = ""] = workspace.models;
  await fromExplorer(editor, MERGE, first);
  await answerMergeDialog(editor, {
    base: "base",
    models: [first, second],
    density: 0.2,
    out: workspace.path("from-menu"),
  });
  await editor.notification("from-menu").getByRole("button", { name: "Reveal" }).waitFor();
  expect(weightsDigest(workspace.path("from-menu"))).toBe(digestOfCommandLine(workspace, [first, second]));
});
