/** One parameter: read under the pointer at any zoom, pinned, walked by keyboard, explained. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, whenDrawn, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";
import { naiveMerge } from "./standIn/naiveMerge";

const NAME = "model.layers.1.mlp.up_proj.weight";
const signed = (value: number): string =>
  `${value > 0 ? "+" : "−"}${Math.abs(value).toExponential(2).replace("-", "−")}`;

test("the exact parameter under the pointer is explained, then pinned and walked from", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 3 });
  await whenExact(root);
  await chooseTensor(root, NAME);
  await whenDrawn(page);
  const { set, tensors } = fixture("network", 3);
  const tensor = naiveMerge(set, tensors).tensors.find(({ name }) => name === NAME)!;
  const panel = root.locator("ties-parameter-panel");
  const elected = root.getByRole("application", { name: "Elected signs" });

  const box = (await elected.boundingBox())!;
  const scale = Math.min(box.width / 128, box.height / 160);
  const left = box.width / 2 - 64 * scale;
  await elected.hover({ position: { x: left + 40.5 * scale, y: 70.5 * scale } });
  await panel.getByText("[70, 40]").waitFor();

  const expectParameter = async (row: number, column: number): Promise<void> => {
    await panel.getByText(`[${row}, ${column}]`).waitFor();
    await panel.locator("section[aria-busy=false]").waitFor();
    const entry = row * 128 + column;
    const taus = await panel.locator("tbody tr td:nth-child(2)").allInnerTexts();
    expect(taus).toEqual(tensor.taskVectors.map((tau) => signed(tau[entry]!)));
    const verdicts = await panel.locator("tbody .verdict").allInnerTexts();
    expect(verdicts).toEqual(tensor.kept.map((kept) => (kept[entry] ? "kept" : "trimmed")));
    const result = Math.fround(tensor.base[entry]! + tensor.merged[entry]!);
    expect(Number((await panel.locator(".result").innerText()).replace("−", "-"))).toBeCloseTo(result, 6);
  };
  await expectParameter(70, 40);
  await panel.getByText("under the pointer").waitFor();

  await elected.click({ position: { x: left + 40.5 * scale, y: 70.5 * scale } });
  await panel.getByText("pinned").waitFor();
  await page.mouse.move(5, 5);
  await expectParameter(70, 40);

  await page.keyboard.press("0");
  for (let notch = 0; notch < 6; notch++) await page.keyboard.press("+");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expectParameter(71, 41);
  await page.keyboard.press("Home");
  await expectParameter(71, 0);
  await page.keyboard.press("Control+End");
  await expectParameter(159, 127);
  await expect
    .poll(() => root.getByRole("status").filter({ hasText: "row" }).innerText())
    .toMatch(/^row 159, column 127: math (kept|trimmed)/);

  await page.keyboard.press("Escape");
  await panel.getByText("Point at a picture").waitFor();
  expect(problems).toEqual([]);
  await close();
});

test("a conflict names who is outvoted", async () => {
  const { page, root, close } = await openInspector({ fixture: "known" });
  await whenExact(root);
  await chooseTensor(root, "known.weight");
  await whenDrawn(page);
  const elected = root.getByRole("application", { name: "Elected signs" });
  await elected.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const panel = root.locator("ties-parameter-panel");
  await panel.getByText("[0, 1]").waitFor();
  await panel.getByText("code is outvoted: −1.00e+0 is lost").waitFor();
  const text = (await panel.locator("section").innerText()).replace(/\s+/g, " ");
  expect(text).toContain("Σ τ̂ = +2.00e+0 − 1.00e+0 = +1.00e+0");
  expect(text).toContain("1 for, 1 against: conflict");
  expect(text).toContain("τ_m = +2.00e+0 = +2.00e+0");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await panel.getByRole("button", { name: "Copy as text" }).click();
  await panel.getByText("Copied").waitFor();
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
  expect(copied[0]).toBe("known.weight [0, 1]");
  expect(copied[1]).toMatch(/^ties reference · base .*code \(d = /);
  expect(copied[2]).toMatch(/^θ₀ \(base\): /);
  expect(copied).toContain("3 · Disjoint merge");
  expect(copied).toContain("code is outvoted: −1.00e+0 is lost");
  expect(copied.find((line) => line.startsWith("code\t"))?.split("\t")).toContain("−1.00e+0");
  await close();
});

test("wheel zooms at the pointer, drag pans, double click zooms in, buttons go back", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 1 });
  await whenExact(root);
  await chooseTensor(root, NAME);
  await whenDrawn(page);
  const elected = root.getByRole("application", { name: "Elected signs" });
  const range = root.locator(".range");
  const panel = root.locator("ties-parameter-panel");
  const whole = await range.innerText();
  await elected.scrollIntoViewIfNeeded();
  const box = (await elected.boundingBox())!;
  const scale = Math.min(box.width / 128, box.height / 160);
  const point = { x: box.x + box.width / 2 + 30.5 * scale, y: box.y + box.height / 2 + 20.5 * scale };
  await page.mouse.move(point.x, point.y);
  await panel.getByText("[100, 94]").waitFor();
  await page.mouse.wheel(0, -300);
  await expect.poll(() => range.innerText()).not.toBe(whole);
  await page.mouse.move(point.x + 0.3, point.y);
  await panel.getByText("[100, 94]").waitFor();

  const zoomed = await range.innerText();
  await page.mouse.down();
  await page.mouse.move(point.x - 60, point.y - 40, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => range.innerText()).not.toBe(zoomed);
  expect(await panel.getByText("pinned").count()).toBe(0);

  await root.getByRole("button", { name: "Show everything" }).click();
  await expect.poll(() => range.innerText()).toBe(whole);
  await elected.dblclick();
  await expect.poll(() => range.innerText()).not.toBe(whole);
  expect(await panel.getByText("pinned").count()).toBe(0);
  await close();
});
