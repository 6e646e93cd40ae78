import { expect } from "vitest";
import { menuItem } from "./harness/editor";
import { editorTest } from "./harness/editorTest";

const ITEMS = ["Merge Checkpoints…", "Inspect Interference…"];

editorTest("the context menu offers a merge only where a checkpoint is", async ({ editor }) => {
  const offered = async (name: string): Promise<number[]> => {
    const menu = await editor.openMenu(name);
    // The menu is there as a whole: an entry of the editor's own shows that it is filled.
    await menuItem(menu, "Copy Path").first().waitFor();
    const counts = await Promise.all(ITEMS.map((item) => menuItem(menu, item).count()));
    await editor.closeMenu();
    return counts;
  };
  await editor.waitForMenuItem("Merge Checkpoints…", "base");
  await editor.closeMenu();
  expect(await offered("base")).toEqual([1, 1]);
  await editor.row("base").click();
  await editor.row("model.safetensors").waitFor();
  expect(await offered("model.safetensors")).toEqual([1, 1]);
  expect(await offered("config.json")).toEqual([0, 0]);
  expect(await offered("notes")).toEqual([0, 0]);
});
