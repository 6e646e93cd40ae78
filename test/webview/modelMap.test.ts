/** The model map shows the report's figures, opens tensors, and is walked by keyboard. */
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { openInspector, openTab, shoot, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";
import { naiveMerge, naiveStatistics } from "./standIn/naiveMerge";

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const map = (root: Locator): Locator => root.getByRole("grid", { name: /Model map/ });
const cells = (root: Locator): Promise<string[]> =>
  map(root)
    .getByRole("gridcell")
    .evaluateAll((found) => found.map((cell) => cell.getAttribute("aria-label")!));
const { set, tensors } = fixture("network", 3);
const merge = naiveMerge(set, tensors);
const statistics = (name: RegExp): ReturnType<typeof naiveStatistics> =>
  naiveStatistics(
    merge,
    merge.tensors.filter((tensor) => name.test(tensor.name)),
  );

test("cells are the report's figures, of whatever statistic is chosen", async () => {
  const { root, problems, close } = await openInspector({ fixture: "network", models: 3 });
  await whenExact(root);
  const expected = (figure: (of: ReturnType<typeof naiveStatistics>) => string): string[] => [
    `embeddings: ${figure(statistics(/embed/))}`,
    ...[0, 1, 2, 3, 4, 5].flatMap((layer) =>
      [
        ["q", "q_proj"],
        ["v", "v_proj"],
        ["up", "up_proj"],
        ["down", "down_proj"],
        ["norm", "layernorm"],
      ].map(
        ([kind, module]) =>
          `layer ${layer} · ${kind}: ${figure(statistics(new RegExp(`layers\\.${layer}\\..*${module}`)))}`,
      ),
    ),
    `head: ${figure(statistics(/lm_head/))}`,
    `other · logit_scale: ${figure(statistics(/logit_scale/))}`,
  ];
  expect(await cells(root)).toEqual(expected(({ conflict, elements }) => `Conflict ${percent(conflict / elements)}`));
  const choice = root.getByRole("combobox", { name: "Statistic that colours the map" });
  await choice.selectOption({ label: "Lost mass · code" });
  await expect.poll(() => cells(root)).toEqual(expected(({ models }) => `Lost mass ${percent(models[1]!.lostMass)}`));
  await choice.selectOption({ label: "‖τ_m‖ ÷ ‖average‖" });
  await expect
    .poll(() => cells(root))
    .toEqual(expected(({ mergedNorm, meanNorm }) => `‖τ_m‖ ÷ ‖average‖ ${(mergedNorm / meanNorm).toFixed(2)}`));
  expect(problems).toEqual([]);
  await close();
});

test("one stop for Tab, arrows inside, Enter opens the tensor, a layer's name shows its pairs", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 3 });
  await whenExact(root);
  const focused = (): Promise<string | null> =>
    map(root).evaluate((grid) => {
      const { activeElement } = grid.getRootNode() as ShadowRoot;
      return activeElement && (activeElement.getAttribute("aria-label") ?? activeElement.textContent!.trim());
    });
  await root.getByRole("combobox", { name: "Statistic that colours the map" }).focus();
  await page.keyboard.press("Tab");
  expect(await focused()).toMatch(/^embeddings:/);
  for (const key of ["ArrowDown", "ArrowDown", "End", "ArrowLeft"]) await page.keyboard.press(key);
  await expect.poll(focused).toMatch(/^layer 1 · down:/);
  await root.locator(".readout", { hasText: "model.layers.1.mlp.down_proj.weight" }).waitFor();
  const down = statistics(/layers\.1\.mlp\.down/);
  expect(await root.locator(".readout").innerText()).toContain(
    `${((100 * down.conflict) / down.elements).toFixed(4)} %`,
  );

  await page.keyboard.press("Home");
  await expect.poll(focused).toBe("layer 1");
  await page.keyboard.press("Enter");
  const scope = root.getByRole("combobox", { name: "Part of the model that the pairs speak of" });
  await expect.poll(() => scope.inputValue()).toBe("model.layers.1");

  for (const key of ["ArrowRight", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await root.getByRole("heading", { name: "model.layers.2.self_attn.q_proj.weight" }).waitFor();
  expect(await root.getByRole("tab", { selected: true }).innerText()).toBe("Tensors");
  await openTab(root, "Overview");
  const chosen = map(root).getByRole("gridcell", { selected: true });
  expect(await chosen.getAttribute("aria-label")).toMatch(/^layer 2 · q:/);
  expect(problems).toEqual([]);
  await close();
});

test("what is not counted yet is hatched and has no colour; zero has the scale's first", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 2, stallAfter: 20 });
  const background = (cell: Locator): Promise<[string, string]> =>
    cell.evaluate((element) => {
      const { backgroundColor, backgroundImage } = getComputedStyle(element);
      return [backgroundColor, backgroundImage];
    });
  await map(root)
    .getByRole("gridcell", { name: /^layer 1 · q: Conflict \d/ })
    .waitFor();
  await shoot(page, "map-filling");
  const head = map(root).getByRole("gridcell", { name: "head: Conflict not counted yet" });
  const [color, image] = await background(head);
  expect(color).toBe("rgba(0, 0, 0, 0)");
  expect(image).toContain("repeating-linear-gradient");
  expect((await background(map(root).getByRole("gridcell", { name: /^layer 1 · q/ })))[1]).toBe("none");
  await root.locator(".map-legend", { hasText: "not counted yet" }).waitFor();
  await close();
});

test("the scale starts at zero, is shared by the models, and stays where it is fixed", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 3 });
  await whenExact(root);
  const legend = root.locator(".map-legend .ticks");
  const choice = root.getByRole("combobox", { name: "Statistic that colours the map" });
  await choice.selectOption({ label: "Lost mass · math" });
  const largest = Math.max(
    ...merge.tensors.flatMap((tensor) => naiveStatistics(merge, [tensor]).models.map((of) => of.lostMass)),
  );
  const end = Number((await legend.innerText()).split("\n").at(-1)!.replace(" %", ""));
  expect(end).toBeGreaterThanOrEqual(100 * largest);
  expect(end).toBeLessThan(200 * largest);
  await choice.selectOption({ label: "Lost mass · chat" });
  expect((await legend.innerText()).split("\n")).toEqual(["0", `${end / 2} %`, `${end} %`]);

  await root.locator("vscode-checkbox", { hasText: "Fix the scale" }).click();
  await root.getByRole("spinbutton", { name: "End of the scale" }).fill("2");
  await page.keyboard.press("Enter");
  await expect.poll(() => legend.innerText()).toContain("≥ 2 %");
  await choice.selectOption({ label: "Conflict" });
  await expect.poll(() => legend.innerText()).not.toContain("≥");
  await page.reload();
  await whenExact(root);
  await choice.selectOption({ label: "Lost mass · math" });
  await expect.poll(() => legend.innerText()).toContain("≥ 2 %");
  await close();
});

test("ten thousand tensors: the rows in sight are in the document, the last one is reached", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "many", models: 1 });
  await whenExact(root);
  expect(await map(root).getAttribute("aria-rowcount")).toBe("1001");
  expect(await map(root).getByRole("row").count()).toBeLessThan(90);
  await map(root).getByRole("gridcell").first().focus();
  await page.keyboard.press("Control+End");
  await map(root)
    .getByRole("gridcell", { name: /^layer 999 · block.0:/ })
    .waitFor();
  await expect
    .poll(() =>
      map(root)
        .getByRole("gridcell", { name: /^layer 999 · block.0:/ })
        .isVisible(),
    )
    .toBe(true);
  expect(problems).toEqual([]);
  await close();
});

for (const theme of ["dark", "light"] as const) {
  test(`thirty-two layers in ${theme}`, async () => {
    const { page, root, problems, close } = await openInspector({ fixture: "deep" }, { theme });
    await whenExact(root);
    await map(root)
      .getByRole("gridcell", { name: /^layer 21 · up/ })
      .hover();
    await shoot(page, `${theme}-deep`);
    // All layers are in sight without scrolling.
    for (const row of ["embeddings", "layer 31", "head"]) {
      const box = (await map(root).getByRole("rowheader", { name: row, exact: true }).boundingBox())!;
      expect(box.y + box.height).toBeLessThan(900);
    }
    expect(problems).toEqual([]);
    await close();
  });
}
