import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { menuItem } from "./harness/editor";
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

torchTest("the context menu knows PyTorch's checkpoints from other binary files", async ({ editor }) => {
  const offered = async (name: string): Promise<number> => {
    const menu = await editor.openMenu(name);
    await menuItem(menu, "Copy Path").first().waitFor();
    const count = await menuItem(menu, ITEM).count();
    await editor.closeMenu();
    return count;
  };
  await editor.waitForMenuItem(ITEM, "torch");
  await editor.closeMenu();
  await editor.row("torch").click();
  await editor.row("step.ckpt").waitFor();
  expect(await offered("pytorch_model.bin")).toBe(1);
  expect(await offered("step.ckpt")).toBe(1);
  expect(await offered("firmware.bin")).toBe(0);
});
