import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { editorTest } from "./harness/editorTest";
import { createWorkspace } from "./harness/workspace";
import type { Workspace } from "./harness/workspace";

const ITEM = "Inspect Interference…";

/** With a folder of PyTorch's files, and one that only has the same extension. */
const torchTest = editorTest.extend<{ workspace: Workspace }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the fixtures that are needed from this pattern
  workspace: async ({}, use) => {
    const workspace = createWorkspace();
    const folder = workspace.path("torch");
    mkdirSync(folder);
    copyFileSync("test/fixtures/torch/trainer.pt", join(folder, "pytorch_model.bin"));
    copyFileSync("test/fixtures/torch/trainer.pt", join(folder, "step.ckpt"));
    writeFileSync(join(folder, "firmware.bin"), "no checkpoint");
    await use(workspace);
    workspace.remove();
  },
});

torchTest("the context menu knows PyTorch's checkpoints from other binary files", async ({ editor: { explorer } }) => {
  const offered = async (name: string): Promise<number> => {
    await explorer.openMenu(name);
    await explorer.menuItem("Copy Path").first().waitFor();
    const count = await explorer.menuItem(ITEM).count();
    await explorer.closeMenu();
    return count;
  };
  await explorer.openMenuWith(ITEM, "torch");
  await explorer.closeMenu();
  await explorer.unfold("torch", "step.ckpt");
  expect(await offered("pytorch_model.bin")).toBe(1);
  expect(await offered("step.ckpt")).toBe(1);
  expect(await offered("firmware.bin")).toBe(0);
});
