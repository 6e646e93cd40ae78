/** Pairs and lost mass by layer are the report's figures, by pointer, by keyboard and as tables. */
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { openInspector, openTab, shoot, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";
import { naiveMerge, naiveStatistics } from "./standIn/naiveMerge";

const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;
const { set, tensors } = fixture("network", 3);
const merge = naiveMerge(set, tensors);
const ofGroup = (group: string | null): ReturnType<typeof naiveStatistics> =>
  naiveStatistics(
    merge,
    merge.tensors.filter((tensor) => group === null || tensor.group === group),
  );

/** Rows of the pairs' matrix, without the models' names. */
const matrix = (root: Locator): Promise<string[][]> =>
  root
    .getByRole("region", { name: "Pairs" })
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.innerText.trim())));

function expectedMatrix(group: string | null): string[][] {
  const { pairs } = ofGroup(group);
  const figure = (row: number, column: number): string => {
    if (row === column) return "";
    const pair = pairs.find(({ i, j }) => i === Math.min(row, column) && j === Math.max(row, column))!;
    return row > column ? pair.cosine!.toFixed(2).replace("-", "−") : percent(pair.disagree / pair.bothKept);
  };
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => figure(row, column)));
}

test("pairs of the whole model and of a layer", async () => {
  const { root, problems, close } = await openInspector({ fixture: "network", models: 3 });
  await whenExact(root);
  expect(await matrix(root)).toEqual(expectedMatrix(null));
  await root.getByRole("combobox", { name: "Part of the model" }).selectOption({ label: "layer 4" });
  await expect.poll(() => matrix(root)).toEqual(expectedMatrix("model.layers.4"));
  const header = root.getByRole("grid").getByRole("rowheader", { name: "layer 4" });
  await expect.poll(() => header.getAttribute("aria-selected")).toBe("true");
  await header.click();
  await expect.poll(() => matrix(root)).toEqual(expectedMatrix(null));
  expect(problems).toEqual([]);
  await close();
});

test("a layer's pairs are there as soon as its tensors are counted", async () => {
  const { root, close } = await openInspector({ fixture: "network", models: 3, stallAfter: 20 });
  const scope = root.getByRole("combobox", { name: "Part of the model" });
  await scope.selectOption({ label: "layer 1" });
  await expect.poll(() => matrix(root)).toEqual(expectedMatrix("model.layers.1"));
  await scope.selectOption({ label: "layer 5" });
  await expect.poll(async () => (await matrix(root))[0]![1]).toBe("not counted yet");
  await close();
});

test("lost mass by layer: by keyboard, by pointer, as a table", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 3 });
  await whenExact(root);
  const strips = root.getByRole("slider", { name: "Lost mass by layer" });
  const spoken = (group: string | null): string =>
    ofGroup(group)
      .models.map(({ lostMass }, model) => `${set.models[model]!.name} ${percent(lostMass)}`)
      .join(", ");
  expect(await strips.getAttribute("aria-valuetext")).toBe(`whole model: ${spoken(null)}`);
  await strips.focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  await expect.poll(() => strips.getAttribute("aria-valuetext")).toBe(`layer 2: ${spoken("model.layers.2")}`);
  await page.keyboard.press("End");
  await expect.poll(() => strips.getAttribute("aria-valuetext")).toBe(`layer 5: ${spoken("model.layers.5")}`);
  await page.keyboard.press("Escape");
  await expect.poll(() => strips.getAttribute("aria-valuetext")).toBe(`whole model: ${spoken(null)}`);
  const { width } = (await root.locator(".strip").first().boundingBox())!;
  await root
    .locator(".strip")
    .first()
    .hover({ position: { x: width * 0.6, y: 5 } });
  await expect.poll(() => strips.getAttribute("aria-valuetext")).toBe(`layer 3: ${spoken("model.layers.3")}`);

  await root.getByRole("button", { name: "Show as a table" }).click();
  const rows = root.getByRole("region", { name: "Who wins" }).locator("tbody tr");
  expect(await rows.nth(1).getByRole("cell").allInnerTexts()).toEqual(
    ofGroup("model.layers.1").models.map(({ lostMass }) => percent(lostMass, 2)),
  );
  expect(problems).toEqual([]);
  await close();
});

test("a bar is as high as its share of the scale", async () => {
  const { root, close } = await openInspector({ fixture: "network", models: 3 });
  await whenExact(root);
  const end = Number((await root.locator("ties-loss-view .unit").innerText()).replace(/[^\d.]/g, "")) / 100;
  const path = await root.locator(".strip path").nth(1).getAttribute("d");
  const heights = [...path!.matchAll(/v-([\d.e-]+)h/g)].map(([, height]) => Number(height) * end);
  const expected = [0, 1, 2, 3, 4, 5].map((layer) => ofGroup(`model.layers.${layer}`).models[1]!.lostMass);
  expect(heights).toHaveLength(6);
  heights.forEach((height, layer) => expect(height).toBeCloseTo(expected[layer]!, 10));
  await close();
});

test("tabs by arrow keys; the chosen one survives a reload", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 2 });
  await whenExact(root);
  await root.getByRole("tab", { name: "Overview" }).focus();
  await page.keyboard.press("ArrowRight");
  await root.getByRole("treegrid").waitFor();
  await page.reload();
  await whenExact(root);
  await root.getByRole("treegrid").waitFor();
  await openTab(root, "Overview");
  await root.getByRole("grid").waitFor();
  await close();
});

for (const [name, scenario, width, height] of [
  ["narrow", { models: 4 }, 400, 900],
  ["wide", { models: 4 }, 2500, 1300],
  ["sixteen", { models: 16 }, 1440, 900],
  ["one", { models: 1 }, 1000, 800],
] as const) {
  test(`overview, ${name}`, async () => {
    const { page, root, problems, close } = await openInspector({ fixture: "deep", ...scenario }, { width, height });
    await whenExact(root);
    await shoot(page, `overview-${name}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    for (const region of ["Model map", "Who wins", "Pairs", "Whole model"]) {
      await root.getByRole("region", { name: region }).scrollIntoViewIfNeeded();
    }
    await shoot(page, `overview-${name}-end`);
    const map = root.getByRole("grid");
    await map.getByRole("gridcell", { name: /^head/ }).scrollIntoViewIfNeeded();
    expect((await map.getByRole("gridcell", { name: /^layer 31 · q/ }).boundingBox())!.width).toBeGreaterThan(12);
    expect(problems).toEqual([]);
    await close();
  });
}
