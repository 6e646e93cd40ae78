/** From 400 to 2500 pixels, one model to sixteen, every method: everything is in reach and nothing breaks. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, shoot, whenDrawn, whenExact } from "./inspectorPage";

const CASES = [
  { name: "narrow", scenario: { models: 4 }, width: 400, height: 800 },
  { name: "half", scenario: { models: 4 }, width: 720, height: 800 },
  { name: "wide", scenario: { models: 4 }, width: 2500, height: 1300 },
  { name: "sixteen", scenario: { models: 16 }, width: 1440, height: 900 },
  { name: "one", scenario: { models: 1 }, width: 1440, height: 900 },
  { name: "linear", scenario: { models: 2, method: "linear" }, width: 1440, height: 900 },
  { name: "task-arithmetic", scenario: { models: 2, method: "task_arithmetic" }, width: 1440, height: 900 },
] as const;

for (const { name, scenario, width, height } of CASES) {
  test(name, async () => {
    const { page, root, problems, close } = await openInspector({ fixture: "network", ...scenario }, { width, height });
    await whenExact(root);
    await shoot(page, `layout-${name}-overview`);
    await chooseTensor(root, "model.layers.3.mlp.up_proj.weight");
    await whenDrawn(page);
    const elected = root.getByRole("application", { name: "Elected signs" });
    await elected.scrollIntoViewIfNeeded();
    await elected.click();
    await root.locator("ties-parameter-panel b").first().waitFor();
    await shoot(page, `layout-${name}`);
    // Nothing sticks out sideways of the page, and every control can be reached.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await root.locator("ties-map").count()).toBe(scenario.models + 2);
    for (const button of ["Merge…", "Zoom in", "Next tensor"]) {
      await root.getByRole("button", { name: button }).scrollIntoViewIfNeeded();
      expect(await root.getByRole("button", { name: button }).isVisible()).toBe(true);
    }
    expect(problems).toEqual([]);
    await close();
  });
}

test.each([900, 1100, 1440, 1640, 2000])("at %i px the pictures stay where they are while one zooms", async (width) => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 4 }, { width, height: 900 });
  await whenExact(root);
  await chooseTensor(root, "model.layers.3.mlp.up_proj.weight");
  await whenDrawn(page);
  const pane = (await root.locator(".detail").elementHandle())!;
  const map = (await root.getByRole("application", { name: "Elected signs" }).elementHandle())!;
  const top = (): Promise<number> =>
    page.evaluate(([pane, map]) => map!.getBoundingClientRect().top + pane!.scrollTop, [pane, map]);
  const before = await top();
  const zoomIn = root.getByRole("button", { name: "Zoom in" });
  const isSingle = (): Promise<boolean> => root.getByText(/single parameters/).isVisible();
  for (let step = 0; step < 20 && !(await isSingle()); step++) await zoomIn.click();
  expect(await isSingle()).toBe(true);
  await whenDrawn(page);
  expect(await top()).toBe(before);
  // The pane beside the table scrolls; the page does not.
  expect(await page.evaluate(() => document.body.scrollHeight - window.innerHeight)).toBeLessThanOrEqual(0);
  await close();
});

test("the bar: four models are seen whole in a narrow panel, the commands stand at the top of a wide one", async () => {
  const narrow = await openInspector({ fixture: "small", models: 4 }, { width: 470, height: 900 });
  await whenExact(narrow.root);
  const models = narrow.root.locator("ties-merge-set-bar .models dd");
  expect(await models.evaluate((list) => list.scrollHeight - list.clientHeight)).toBeLessThanOrEqual(0);
  await shoot(narrow.page, "bar-470");
  await narrow.close();
  const { page, root, close } = await openInspector({ fixture: "small", models: 8 }, { width: 2500, height: 900 });
  await whenExact(root);
  const bar = (await root.locator("ties-merge-set-bar header").boundingBox())!;
  const merge = (await root.getByRole("button", { name: "Merge…" }).boundingBox())!;
  expect(merge.x + merge.width).toBeGreaterThan(bar.width - 30);
  const method = (await root.getByRole("combobox", { name: "Method" }).boundingBox())!;
  // As high as the fields alone need.
  expect(bar.y + bar.height - Math.max(merge.y + merge.height, method.y + method.height)).toBeLessThan(16);
  await shoot(page, "bar-2500");
  await close();
});

test("vectors, scalars and an empty set", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 2 });
  await whenExact(root);
  for (const name of ["logit_scale", "model.layers.0.input_layernorm.weight"]) {
    await chooseTensor(root, name);
    await whenDrawn(page);
    await root.getByRole("application", { name: "Elected signs" }).focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Enter");
    await root.locator("ties-parameter-panel .result").waitFor();
  }
  expect(problems).toEqual([]);
  await close();

  const empty = await openInspector({ fixture: "empty" });
  await whenExact(empty.root);
  await empty.root.getByText("No tensor of this set is merged.").first().waitFor();
  expect(empty.problems).toEqual([]);
  await empty.close();
});

test("sharp on a dense screen", async () => {
  const { page, root, close } = await openInspector({ fixture: "known" }, { scale: 2 });
  await whenExact(root);
  await chooseTensor(root, "known.weight");
  await whenDrawn(page);
  const ratio = await root
    .getByRole("application", { name: "Elected signs" })
    .evaluate((canvas: HTMLCanvasElement) => canvas.width / canvas.clientWidth);
  expect(ratio).toBeCloseTo(2, 1);
  await close();
});
