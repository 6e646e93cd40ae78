import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect } from "vitest";
import { editorTest } from "./harness/editorTest";
import { answerMergeDialog } from "./harness/mergeDialog";
import { until } from "./harness/until";
import { createLargeWorkspace } from "./harness/workspace";
import type { Workspace } from "./harness/workspace";

const largeTest = editorTest.extend<{ workspace: Workspace }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the fixtures that are needed from this pattern
  workspace: async ({}, use) => {
    const workspace = createLargeWorkspace(300);
    await use(workspace);
    workspace.remove();
  },
});

async function digest(folder: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(join(folder, "model.safetensors")), hash);
  return hash.digest("hex");
}

largeTest("a cancelled merge leaves nothing at the final name", async ({ editor, workspace }) => {
  const { base, models } = workspace;
  const before = await digest(base);
  const out = workspace.path("stopped");
  await editor.runCommand("TIES Merge: Merge Checkpoints…");
  await answerMergeDialog(editor, { base: "base", models, density: 0.2, out });

  // Under way: the share done, the tensor.
  const progress = editor.notification(/\d+ % ·.*model\.layers\.\d+/);
  await progress.waitFor({ timeout: 60_000 });
  await editor.screenshot("merge under way");
  await progress.getByRole("button", { name: "Cancel" }).click();
  await progress.waitFor({ state: "detached", timeout: 10_000 });

  await until("the engine to say that it has stopped", () => editor.notification(/ancelled/).isVisible());
  expect(existsSync(out)).toBe(false);
  expect(await digest(base)).toBe(before);
});
