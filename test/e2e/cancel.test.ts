import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect } from "vitest";
import { tiesMerge } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { answerMergeDialog, fromPalette } from "./harness/mergeDialog";
import { createLargeWorkspace } from "./harness/workspace";
import type { Workspace } from "./harness/workspace";

const largeTest = editorTest.extend<{ workspace: Workspace }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the fixtures that are needed from this pattern
  workspace: async ({}, use) => {
    const workspace = createLargeWorkspace(500);
    await use(workspace);
    workspace.remove();
  },
});

async function digest(folder: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(join(folder, "model.safetensors")), hash);
  return hash.digest("hex");
}

largeTest(
  "a cancelled merge leaves nothing at the final name and can be gone on with",
  async ({ editor, workspace }) => {
    const { base, models } = workspace;
    const inputs = [base, ...models.map((name) => workspace.path(name))];
    const before = await Promise.all(inputs.map(digest));
    const out = workspace.path("stopped");
    const merge = async (): Promise<void> => {
      await fromPalette(editor, "Merge Checkpoints…");
      await answerMergeDialog(editor, { base: "base", models, density: 0.2, out });
    };

    await merge();
    // Under way: the share done, what is done, the tensor.
    const progress = editor.notification(/[1-9]\d? % ·.* merging · model\.layers\.\d+/);
    await progress.waitFor();
    await editor.press(editor.notification("Merging into stopped").getByRole("button", { name: "Cancel" }));
    await editor.notification(/cancelled/i).waitFor();
    await editor.screenshot("cancelled merge");
    expect(existsSync(out)).toBe(false);
    expect(await Promise.all(inputs.map(digest))).toEqual(before);

    await merge();
    await editor.press(editor.page.getByRole("dialog").getByRole("button", { name: "Resume" }));
    await editor.notification("stopped").getByRole("button", { name: "Reveal" }).waitFor();
    const flags = models.flatMap((name) => ["--model", workspace.path(name)]);
    tiesMerge("merge", "--out", workspace.path("from-cli"), "--base", base, ...flags, "--density", "0.2");
    expect(await digest(out)).toBe(await digest(workspace.path("from-cli")));
  },
);
