/** The merge set bar: changed settings are shown from the sample at once, marked as such, and counted exactly on demand. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { chooseTensor, openInspector, openTab, shoot, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";
import { naiveMerge, naiveStatistics } from "./standIn/naiveMerge";

const { set, tensors } = fixture("small", 3);

/** Statistics of the whole model at another density. */
function atDensity(density: number): ReturnType<typeof naiveStatistics> {
  const merge = naiveMerge({ ...set, models: set.models.map((model) => ({ ...model, density })) }, tensors);
  return naiveStatistics(merge, merge.tensors);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const totals = (root: Locator): Locator => root.getByRole("region", { name: "Whole model" });
const conflict = (root: Locator): Promise<string> =>
  totals(root).locator("tr", { hasText: "conflict (before" }).locator("td").innerText();
const expected = (all: ReturnType<typeof naiveStatistics>): string =>
  `${percent(all.conflictBefore / all.elements)} → ${percent(all.conflict / all.elements)}`;

const setSlider = (root: Locator, name: string, value: number): Promise<void> =>
  root.getByRole("slider", { name, exact: true }).evaluate((element: HTMLInputElement, to) => {
    element.value = String(to);
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }, value);

const callsOf = (page: Page, name: string): Promise<unknown[]> =>
  page.evaluate((of) => window.standIn.calls.filter(({ method }) => method === of).map(({ params }) => params), name);

test("the density slider changes every figure from the sample, and says so", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  expect(await conflict(root)).toBe(expected(atDensity(0.2)));
  await setSlider(root, "Density", 0.5);
  await expect.poll(() => conflict(root)).toBe(`≈ ${expected(atDensity(0.5))}`);
  // How far the figures may be off follows them.
  await expect.poll(() => root.locator(".badge.sampled").innerText()).toMatch(/^sampled ±[\d.]+ %$/);
  expect((await callsOf(page, "sample")).slice(-2)).toMatchObject([{ margins: false }, { margins: true }]);
  expect(await root.locator("ties-model-map .cell.counted:not(.estimated)").count()).toBe(0);
  expect(await root.locator("ties-model-map .cell.estimated").first().getAttribute("aria-label")).toContain("≈");
  await shoot(page, "settings-sampled");
  await openTab(root, "Tensors");
  const cells = await root.locator("[role=row].group [role=gridcell]:nth-child(3)").allInnerTexts();
  expect(cells.length).toBeGreaterThan(0);
  expect(cells.every((text) => text.startsWith("≈"))).toBe(true);
  expect(await callsOf(page, "use")).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});

test("settings that come back to the opened ones show its exact figures again", async () => {
  const { root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await setSlider(root, "Density", 0.5);
  await root.locator(".badge.sampled").waitFor();
  await root.getByRole("button", { name: "As opened" }).click();
  await whenExact(root);
  expect(await conflict(root)).toBe(expected(atDensity(0.2)));
  await close();
});

test("recompute exactly counts for the changed settings; merge and export use them", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await setSlider(root, "Density", 0.4);
  await root.getByRole("button", { name: "Recompute exactly" }).click();
  await whenExact(root);
  expect(await conflict(root)).toBe(expected(atDensity(0.4)));
  await setSlider(root, "Density", 0.3);
  await root.getByRole("button", { name: "Merge…" }).click();
  await page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "merge"));
  const used = (await callsOf(page, "use")) as { models: { density: number }[] }[];
  expect(used.map(({ models }) => models[0]!.density)).toEqual([0.4, 0.3]);
  await close();
});

test.each([
  ["dare_ties", "Seed", "7", { seed: 7 }],
  ["breadcrumbs_ties", "γ, the share of the largest entries that is dropped", "0.05", { gamma: 0.05 }],
] as const)("what %s keeps is estimated for other densities and for another %s", async (method, name, value, own) => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true, method });
  await whenExact(root);
  await setSlider(root, "Density", 0.5);
  await root.locator(".badge.sampled").waitFor();
  const control = root.locator(`input[aria-label="${name}"]`);
  await control.fill(value);
  await control.blur();
  await expect
    .poll(() => callsOf(page, "sample"))
    .toContainEqual(
      expect.objectContaining({
        settings: expect.objectContaining({
          method,
          ...own,
          models: expect.arrayContaining([expect.objectContaining({ density: 0.5 })]),
        }),
      }),
    );
  await shoot(page, `settings-${method}`);
  expect(problems).toEqual([]);
  await close();
});

test("a model that is off has no figures, and the others keep their places", async () => {
  const { root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await root.getByRole("checkbox", { name: "Merge code" }).click();
  await root.locator(".badge.sampled").waitFor();
  const kept = totals(root).locator("tbody tr").first().locator("td");
  expect(await kept.nth(1).innerText()).toBe("–");
  expect(await kept.nth(2).innerText()).toMatch(/^≈ \d/);
  const pairs = root.getByRole("region", { name: "Pairs" }).locator("tbody tr").nth(0).locator("td");
  expect((await pairs.nth(1).innerText()).trim()).toBe("–");
  expect((await pairs.nth(2).innerText()).trim()).toMatch(/^≈ \d/);
  await root.getByRole("checkbox", { name: "Merge math" }).click();
  // The last one stays.
  await expect.poll(() => root.getByRole("checkbox", { name: "Merge chat" }).isDisabled()).toBe(true);
  expect(problems).toEqual([]);
  await close();
});

test("a recipe with values by layer says so, and is only overridden on purpose", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true, byLayer: true });
  await whenExact(root);
  await root.getByText("differ by layer or tensor").waitFor();
  expect(await root.getByRole("slider", { name: "Density", exact: true }).isDisabled()).toBe(true);
  expect(await root.getByRole("checkbox", { name: "Merge code" }).isDisabled()).toBe(true);
  // No place on the axis is that of a density that differs by layer.
  const curve = root.getByRole("region", { name: "Curves" }).getByRole("img").first();
  expect(await curve.getAttribute("aria-label")).not.toContain("→");
  await root.getByRole("button", { name: "Set one value for all layers" }).click();
  await expect.poll(() => curve.getAttribute("aria-label")).toContain("math: 0.2 →");
  await expect.poll(() => root.getByRole("slider", { name: "Density", exact: true }).isDisabled()).toBe(false);
  await root.locator(".badge.sampled").waitFor();
  expect((await callsOf(page, "sample")).at(-1)).not.toBeNull();
  await close();
});

test("settings survive a reload", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await setSlider(root, "Density", 0.45);
  await root.locator(".badge.sampled").waitFor();
  await page.reload();
  await root.locator(".badge.sampled").waitFor();
  expect(await conflict(root)).toBe(`≈ ${expected(atDensity(0.45))}`);
  await close();
});

test("a tensor's pictures follow the settings once they rest", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await chooseTensor(root, tensors[0]!.name);
  await root.getByRole("checkbox", { name: "Merge code" }).click();
  await page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "use"));
  await expect.poll(() => root.locator("ties-map h3").allInnerTexts()).not.toContain("code");
  const masks = (await root.locator(".masks ties-map h3").allInnerTexts()).map((text) => text.trim());
  expect(masks).toEqual(["math", "chat"]);
  expect(problems).toEqual([]);
  await close();
});

test("what was asked for while a sample is computed is not computed in between", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  // Nothing of the set as it was opened is still to come.
  await expect.poll(async () => (await callsOf(page, "sample")).at(-1)).toMatchObject({ margins: true });
  const before = (await callsOf(page, "sample")).length;
  await root.getByRole("slider", { name: "Density", exact: true }).evaluate((element: HTMLInputElement) => {
    for (let step = 30; step <= 90; step++) {
      element.value = String(step / 100);
      element.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  await expect.poll(() => conflict(root)).toBe(`≈ ${expected(atDensity(0.9))}`);
  // The first, the last, and the margins of the last.
  expect((await callsOf(page, "sample")).length - before).toBeLessThanOrEqual(3);
  await close();
});

test.each([
  { method: "linear", weights: 2, heading: "Models: weight" },
  { method: "regmean", weights: 0, heading: "Models" },
  { method: "slerp", weights: 0, heading: "Models" },
] as const)("$method has the settings that it takes", async ({ method, weights, heading }) => {
  const { root, problems, close } = await openInspector({ fixture: "small", models: 2, method });
  await whenExact(root);
  const bar = root.locator("ties-merge-set-bar");
  expect(await bar.getByRole("spinbutton", { name: /^Weight of/ }).count()).toBe(weights);
  expect(await bar.locator(".models dt").innerText()).toBe(heading);
  // SLERP goes between two models: neither can be left out.
  const fixed = method === "slerp" ? 2 : 0;
  expect(await bar.getByRole("checkbox", { disabled: true }).count()).toBe(fixed);
  expect(problems).toEqual([]);
  await close();
});
