import { expect } from "vitest";
import { editorTest } from "./harness/editorTest";

const ITEMS = ["Merge Checkpoints…", "Inspect Interference…"];

editorTest("the context menu offers a merge only where a checkpoint is", async ({ editor: { explorer } }) => {
  const offered = async (name: string): Promise<number[]> => {
    await explorer.openMenu(name);
    // The menu is there as a whole: an entry of the editor's own shows that it is filled.
    await explorer.menuItem("Copy Path").first().waitFor();
    const counts = await Promise.all(ITEMS.map((item) => explorer.menuItem(item).count()));
    await explorer.closeMenu();
    return counts;
  };
  await explorer.openMenuWith("Merge Checkpoints…", "base");
  await explorer.closeMenu();
  expect(await offered("base")).toEqual([1, 1]);
  await explorer.unfold("base", "model.safetensors");
  expect(await offered("model.safetensors")).toEqual([1, 1]);
  expect(await offered("config.json")).toEqual([0, 0]);
  expect(await offered("notes")).toEqual([0, 0]);
});
