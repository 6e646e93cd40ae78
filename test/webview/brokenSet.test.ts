/** What is missing is shown where it is missing, and the rest works. */
import { expect, test } from "vitest";
import { openInspector, openTab, shoot, whenExact } from "./inspectorPage";
import { violations } from "./violations";

const LOST = "model.layers.2.self_attn.k_proj.weight";

for (const theme of ["light", "hc-black"] as const) {
  test(`a missing shard and a missing model in ${theme}`, async () => {
    const { page, root, problems, close } = await openInspector({ fixture: "network", lostTensor: LOST }, { theme });
    await whenExact(root);
    const note = root.getByRole("complementary", { name: "Damaged or missing" });
    await note.getByText("it cannot be merged").waitFor();
    await note.getByText("biology").waitFor();
    expect(await root.getByRole("button", { name: "Merge…" }).isDisabled()).toBe(true);
    await note.getByText("model-00002-of-00002.safetensors").first().waitFor();
    // The bar: the model that is left out stands struck through at its place.
    const chips = root.locator("ties-merge-set-bar .models .chip");
    expect(await chips.locator("b").allTextContents()).toEqual(["math", "biology", "code", "chat", "japanese"]);
    const leftOut = chips.nth(1);
    await leftOut.getByText("(left out)").waitFor();
    expect(await leftOut.getAttribute("title")).toContain("There is nothing at this path (/checkpoints/biology)");
    expect(await leftOut.locator("b").evaluate((name) => getComputedStyle(name).textDecorationLine)).toBe(
      "line-through",
    );

    // The map: the cell says why, the others have figures.
    const cell = root.getByRole("gridcell", { name: /layer 2 · k/ });
    expect(await cell.getAttribute("aria-label")).toContain("model-00002-of-00002.safetensors");
    expect(await root.getByRole("gridcell", { name: /layer 2 · q/ }).getAttribute("aria-label")).toMatch(/[\d.]+ %/);
    expect(await root.locator("ties-model-map .pending").count()).toBe(0);
    await shoot(page, `broken-${theme}`);
    expect(await violations(page)).toEqual([]);

    // The tensor, and its line of the table.
    await cell.click();
    await root.locator("ties-tensor-view").getByText("model-00002-of-00002.safetensors").waitFor();
    expect(await root.locator("ties-map").count()).toBe(0);
    await openTab(root, "Tensors");
    const row = root.locator(`[role=row][data-tensor="${LOST}"]`);
    if ((await row.count()) === 0)
      await root
        .getByRole("row", { name: /layers\.2/ })
        .first()
        .click();
    await row.getByText("model-00002-of-00002.safetensors").waitFor();
    await shoot(page, `broken-table-${theme}`);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });
}

test("a file that is cut off", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", lostTensor: LOST, cutOff: true });
  await whenExact(root);
  const note = root.getByRole("complementary", { name: "Damaged or missing" });
  await note.getByText("bytes missing at its end: 8,192 (8.19 kB); tensors lost with them: 1 of 30").waitFor();
  await note.getByText("/checkpoints/code/model.safetensors").waitFor();
  const cell = root.getByRole("gridcell", { name: /layer 2 · k/ });
  expect(await cell.getAttribute("aria-label")).toContain("The file is cut off");
  await shoot(page, "broken-cut-off");
  await close();
});
