/** The map is there as soon as the base is read; until the models are, the panel says that they are being opened. */
import { expect, test } from "vitest";
import { openInspector, shoot, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";
import { violations } from "./violations";

const LOST = "model.layers.2.self_attn.k_proj.weight";
const { set } = fixture("network");

test("layers and kinds before the models, and nothing counted until they are there", async () => {
  const { page, root, problems, close } = await openInspector({
    fixture: "network",
    preview: {},
    held: ["open"],
    sampled: true,
  });
  const cells = root.locator("ties-model-map [role=gridcell]");
  await cells.first().waitFor();
  const layers = await cells.count();
  expect(await root.locator("ties-model-map .cell.pending").count()).toBe(layers);
  await root.getByText("opening the models…").waitFor();
  expect(await root.locator("main").getAttribute("aria-busy")).toBe("true");
  for (const { name } of set.models)
    await root.locator("ties-merge-set-bar").getByText(name, { exact: true }).waitFor();
  const merge = root.getByRole("button", { name: "Merge…" });
  expect(await merge.isDisabled()).toBe(true);
  expect(await root.getByRole("button", { name: "Recompute exactly" }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await shoot(page, "opening");
  // A setting that is changed now holds for the first figures.
  await root.getByRole("slider", { name: "Density", exact: true }).fill("0.5");
  // Longer than curves wait for settings that move.
  await page.waitForTimeout(400);
  expect(await page.evaluate(() => window.standIn.calls.map(({ method }) => method))).toEqual(["open"]);

  await page.evaluate(() => window.standIn.held.clear());
  await root.locator(".badge.sampled").waitFor();
  expect(await cells.count()).toBe(layers);
  expect(await root.locator("main").getAttribute("aria-busy")).toBeNull();
  expect(await merge.isDisabled()).toBe(false);
  const [first] = await page.evaluate(() => window.standIn.calls.filter(({ method }) => method === "sample"));
  expect(first).toMatchObject({ params: { settings: { models: set.models.map(() => ({ density: 0.5 })) } } });
  expect(problems).toEqual([]);
  await close();
});

test("a model that turns out to be missing is said to be, and settings made before are not kept", async () => {
  const asked = [...set.models.slice(0, 1), { ...set.models[0]!, name: "biology" }, ...set.models.slice(1)];
  const { page, root, problems, close } = await openInspector({
    fixture: "network",
    preview: { models: asked },
    lostTensor: LOST,
    held: ["open"],
  });
  const bar = root.locator("ties-merge-set-bar");
  await bar.getByText("biology", { exact: true }).waitFor();
  await root.getByRole("slider", { name: "Density", exact: true }).fill("0.5");
  await page.evaluate(() => window.standIn.held.clear());
  await whenExact(root);
  expect(await bar.getByRole("checkbox", { name: /biology/ }).count()).toBe(0);
  await bar.locator(".left-out").getByText("biology", { exact: true }).waitFor();
  const note = root.getByRole("complementary", { name: "Damaged or missing" });
  await note.getByText("biology").waitFor();
  expect(await root.getByRole("slider", { name: "Density", exact: true }).inputValue()).toBe("0.2");
  await root.getByRole("gridcell", { name: /layer 2 · k.*model-00002-of-00002/ }).waitFor();
  expect(problems).toEqual([]);
  await close();
});

test("a set that cannot be opened after all shows why, and no map", async () => {
  const { root, close } = await openInspector({ fixture: "network", preview: {}, failures: { open: 1 } });
  await root.getByText("no open today").waitFor();
  expect(await root.locator("ties-model-map").count()).toBe(0);
  await root.getByRole("button", { name: "Retry" }).click();
  await root.locator("ties-model-map [role=gridcell]").first().waitFor();
  await close();
});
