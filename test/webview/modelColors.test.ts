/** A model keeps its colour and its glyph in every view and picture, whichever others are switched off or left out. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { chooseTensor, openInspector, openTab, shoot, whenDrawn, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";

const { tensors } = fixture("small", 3);
const tensor = tensors[0]!.name;

/** Glyph and colour of the mark that stands before a model's name, wherever one does. */
const markOf = (place: Locator): Promise<string> =>
  place
    .locator(".mark")
    .first()
    .evaluate((mark) => `${mark.getAttribute("class")} ${getComputedStyle(mark).getPropertyValue("--mark")}`);

const whenUsed = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "use"));

/** The last saved picture. */
const savedSvg = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const saved = window.standIn.calls.findLast(({ method }) => method === "savePicture");
    return (saved?.params as { content: string }).content;
  });

test("models have different glyphs and colours", async () => {
  const { root, close } = await openInspector({ fixture: "small", models: 16 });
  await whenExact(root);
  const marks = await root
    .locator("ties-merge-set-bar .chip .mark")
    .evaluateAll((found) =>
      found.map((mark) => [mark.getAttribute("class"), mark.style.getPropertyValue("--mark")].join(" ")),
    );
  expect(new Set(marks).size).toBe(16);
  // Without colours: neighbours are told apart.
  const glyphs = marks.map((mark) => mark.split(" ")[1]);
  for (let at = 1; at < 8; at++) expect(glyphs[at]).not.toBe(glyphs[at - 1]);
  await close();
});

test("with the first model off, the others keep theirs in every view", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  const bar = (name: string): Locator => root.locator("ties-merge-set-bar .chip", { hasText: name });
  const chat = await markOf(bar("chat"));
  const code = await markOf(bar("code"));
  expect(chat).not.toBe(code);
  const curve = root.locator("ties-curves .legend", { hasText: "chat" }).locator("span", { hasText: "chat" });
  const dash = await curve.locator("path").getAttribute("stroke-dasharray");

  await root.getByRole("checkbox", { name: "Merge math" }).click();
  await root.locator(".badge.sampled").waitFor();
  await expect.poll(() => root.locator("ties-curves .legend").first().innerText()).not.toContain("math");
  expect(await markOf(bar("chat"))).toBe(chat);
  expect(await curve.locator("path").getAttribute("stroke-dasharray")).toBe(dash);
  for (const place of [
    root.locator("ties-pairs-view tbody th", { hasText: "chat" }),
    root.locator("ties-loss-view .model", { hasText: "chat" }),
    root.locator("ties-totals thead th", { hasText: "chat" }),
  ]) {
    expect(await markOf(place)).toBe(chat);
  }

  await chooseTensor(root, tensor);
  await whenUsed(page);
  await expect.poll(() => root.locator(".masks ties-map h3").count()).toBe(2);
  await whenDrawn(page);
  expect(await markOf(root.locator(".masks ties-map h3", { hasText: "chat" }))).toBe(chat);
  expect(await markOf(root.locator(".masks ties-map h3", { hasText: "code" }))).toBe(code);
  await page.getByRole("application", { name: "Elected signs" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await root.getByText("3 · Disjoint merge").waitFor();
  expect(await markOf(root.locator("ties-parameter-panel tbody th", { hasText: "chat" }))).toBe(chat);
  expect(await markOf(root.locator("ties-parameter-panel tbody th", { hasText: "code" }))).toBe(code);
  await shoot(page, "colours-first-off");
  expect(problems).toEqual([]);
  await close();
});

test("an overlay of one model stays that model's when another is switched off", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await chooseTensor(root, tensor);
  const overlay = root.getByRole("combobox", { name: "Entries that are shown" });
  await overlay.selectOption({ label: "lost: code" });
  const chosen = (): Promise<string> =>
    overlay.evaluate((element: HTMLSelectElement) => element.selectedOptions[0]!.textContent!.trim());
  await root.getByRole("checkbox", { name: "Merge math" }).click();
  await whenUsed(page);
  await expect.poll(() => overlay.locator("option").count()).toBe(4);
  expect(await chosen()).toBe("lost: code");
  await root.getByRole("checkbox", { name: "Merge math" }).click();
  await root.getByRole("checkbox", { name: "Merge code" }).click();
  await expect.poll(chosen).toBe("All entries");
  await close();
});

test("a model that could not be opened leaves its colour to nobody else", async () => {
  const whole = await openInspector({ fixture: "small", models: 3 });
  await whenExact(whole.root);
  const marks = await whole.root
    .locator("ties-merge-set-bar .chip .mark")
    .evaluateAll((found) => found.map((mark) => mark.outerHTML));
  await whole.close();
  // Its set had biology second: the model that is second now was the third.
  const { root, close } = await openInspector({ fixture: "small", models: 2, lostTensor: "other.weight" });
  await whenExact(root);
  const marksOf = (chips: string): Promise<string[]> =>
    root.locator(`ties-merge-set-bar ${chips} .mark`).evaluateAll((found) => found.map((mark) => mark.outerHTML));
  expect(await marksOf(".chip:not(.left-out)")).toEqual([marks[0], marks[2]]);
  expect(await marksOf(".chip")).toEqual(marks);
  await close();
});

test("saved pictures have the marks of the page", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  const save = async (entry: RegExp): Promise<string> => {
    await root.getByRole("button", { name: "Export" }).click();
    await root.getByRole("menuitem", { name: entry }).first().click();
    await page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "savePicture"));
    return savedSvg(page);
  };
  const svg = await save(/Pairs.*SVG/);
  // Round, square, diamond: once a row and once a column.
  expect(svg.match(/<circle /g)).toHaveLength(2);
  expect(svg.match(/<rect [^>]*rx="1"/g)).toHaveLength(2);
  await openTab(root, "Overview");
  await close();
});
