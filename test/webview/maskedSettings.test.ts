/** The settings of methods whose masks go by ranks or by all models together: those that they have, where they take them. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { InspectorSettings } from "../../src/protocol/settings";
import { openInspector, shoot, whenExact } from "./inspectorPage";

const setSlider = (root: Locator, name: string, value: number): Promise<void> =>
  root.getByRole("slider", { name: new RegExp(`^${name}`) }).evaluate((element: HTMLInputElement, to) => {
    element.value = String(to);
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }, value);

const asked = (page: Page): Promise<InspectorSettings | undefined> =>
  page.evaluate(() => {
    const calls = window.standIn.calls.filter(({ method }) => method === "sample");
    return (calls.at(-1)?.params as { settings: InspectorSettings } | undefined)?.settings;
  });

const densities = async (page: Page): Promise<number[] | undefined> =>
  (await asked(page))?.models.map(({ density }) => density);

test("DELLA: density and ε are moved as far as probabilities allow", async () => {
  const { page, root, problems, close } = await openInspector({
    fixture: "small",
    models: 3,
    method: "della",
    sampled: true,
  });
  await whenExact(root);
  await setSlider(root, "Density", 0.6);
  await expect.poll(() => densities(page)).toEqual([0.6, 0.6, 0.6]);
  await expect.poll(() => root.locator(".badge.sampled").innerText()).toMatch(/^sampled ±[\d.]+ %$/);
  await setSlider(root, "Density", 0.05);
  await expect.poll(() => densities(page)).toEqual([0.16, 0.16, 0.16]);
  expect(await root.getByRole("slider", { name: "Density", exact: true }).inputValue()).toBe("0.16");
  await setSlider(root, "Density", 0.97);
  await expect.poll(() => densities(page)).toEqual([0.84, 0.84, 0.84]);
  await setSlider(root, "Density", 1);
  await expect.poll(() => densities(page)).toEqual([1, 1, 1]);
  await setSlider(root, "Density", 0.3);
  await setSlider(root, "ε", 0.1);
  await expect.poll(async () => (await asked(page))?.epsilon).toBe(0.1);
  await setSlider(root, "ε", 0.4);
  await expect.poll(async () => (await asked(page))?.epsilon).toBe(0.29);
  await root.getByRole("region", { name: "Curves" }).getByRole("img").first().waitFor();
  await shoot(page, "settings-della");
  expect(problems).toEqual([]);
  await close();
});

test("SCE: the share that is selected moves, models are on or off, and nobody weighs them", async () => {
  const { page, root, problems, close } = await openInspector({
    fixture: "small",
    models: 3,
    method: "sce",
    sampled: true,
  });
  await whenExact(root);
  expect(await root.getByRole("spinbutton", { name: /^Weight of/ }).count()).toBe(0);
  await setSlider(root, "select_topk", 0.4);
  await expect.poll(() => densities(page)).toEqual([0.4, 0.4, 0.4]);
  const models = root.getByRole("checkbox", { name: /^Merge / });
  await models.nth(1).uncheck();
  await expect.poll(async () => (await asked(page))?.models.map(({ on }) => on)).toEqual([true, false, true]);
  // What one model changes does not vary.
  expect(await models.nth(0).isDisabled()).toBe(true);
  expect(await models.nth(1).isDisabled()).toBe(false);
  const curves = root.getByRole("region", { name: "Curves" });
  await curves.getByRole("img").first().waitFor();
  expect(await curves.getByRole("img").first().innerHTML()).toContain("select_topk");
  await shoot(page, "settings-sce");
  // Another method and back: what was opened holds again.
  await root.getByRole("combobox", { name: "Method" }).selectOption("ties reference");
  await expect.poll(() => densities(page)).toEqual([0.2, 0.2, 0.2]);
  await root.getByRole("combobox", { name: "Method" }).selectOption("sce");
  await expect.poll(() => densities(page)).toEqual([0.3, 0.3, 0.3]);
  expect(problems).toEqual([]);
  await close();
});
