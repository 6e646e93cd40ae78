/**
 * Every view in narrow, usual and very wide panels: nothing reaches out of the page, no text is cut off without a way
 * to read it, no accessibility problem. With WEBVIEW_SHOTS in all themes, for eyes to look at.
 */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { chooseTensor, openInspector, openTab, shoot, THEMES, whenDrawn, type Theme } from "./inspectorPage";
import { violations } from "./violations";

const WIDTHS: readonly [width: number, height: number][] = [
  [400, 3600],
  [900, 1900],
  [2500, 1400],
];
const usual: [Theme, number][] = [
  ["hc-light", 400],
  ["dark", 2500],
];
const isWanted = (theme: Theme, width: number): boolean =>
  process.env.WEBVIEW_SHOTS !== undefined || usual.some(([t, w]) => t === theme && w === width);

const TENSOR = "model.layers.3.mlp.up_proj.weight";
const NOTES = ["code lacks 3 tensors: the base's values are taken", "chat has lm_head.weight, which the base lacks"];

/** Text that is cut off at the edge of its box and says nothing where it is pointed at; figures never are. */
const cutTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const look = (root: ParentNode): void => {
      for (const element of root.querySelectorAll<HTMLElement>("*")) {
        if (element.shadowRoot) look(element.shadowRoot);
        const text = element.textContent.trim();
        const isLeaf = [...element.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim(),
        );
        if (!isLeaf || text === "" || element.clientWidth <= 1 || element.closest(".visually-hidden")) continue;
        const { overflowX } = getComputedStyle(element);
        if (overflowX !== "hidden" && overflowX !== "clip") continue;
        if (
          element.scrollWidth > element.clientWidth + 1 &&
          (element.closest(".figure") ?? !element.closest("[title]:not([title=''])"))
        )
          found.push(text);
      }
    };
    look(document);
    return found;
  });

/** Pixels by which the page is wider than its window. */
const tooWide = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.scrollingElement!.scrollWidth - window.innerWidth));

async function check(page: Page, name: string): Promise<void> {
  await shoot(page, name);
  expect(await tooWide(page)).toBe(0);
  expect(await cutTexts(page)).toEqual([]);
  expect(await violations(page)).toEqual([]);
}

for (const theme of THEMES) {
  for (const [width, height] of WIDTHS.filter(([width]) => isWanted(theme, width))) {
    test(`every view at ${width} pixels in ${theme}`, async () => {
      const name = (view: string): string => `wide-${width}-${theme}-${view}`;
      const { page, root, problems, close } = await openInspector(
        { fixture: "small", models: 3, sampled: true, notes: NOTES },
        { theme, width, height },
      );
      await root.locator(".badge.exact").waitFor();
      await root.locator("ties-curves svg.chart").first().waitFor();
      await root.getByRole("checkbox", { name: "Merge math" }).click();
      // Figures, their margins and the curves of these settings.
      await root.locator(".badge.sampled", { hasText: /±[\d.]+ %/ }).waitFor();
      await page.waitForFunction(() => window.standIn.calls.filter(({ method }) => method === "curves").length > 1);
      await root.locator("ties-curves svg.chart").first().waitFor();
      const folded = root.getByRole("button", { name: "Show as a table" });
      while ((await folded.count()) > 0) await folded.first().click();
      await check(page, name("overview"));
      await root.getByRole("button", { name: "Export" }).click();
      await check(page, name("export"));
      const menu = (await root.getByRole("menu").boundingBox())!;
      expect(menu.x).toBeGreaterThanOrEqual(0);
      expect(menu.x + menu.width).toBeLessThanOrEqual(width);
      await page.keyboard.press("Escape");

      await openTab(root, "Tensors");
      await root.getByRole("button", { name: "Columns" }).click();
      await check(page, name("table"));
      await page.keyboard.press("Escape");
      await chooseTensor(root, TENSOR);
      await page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "use"));
      await root.getByRole("combobox", { name: "Entries that are shown" }).selectOption({ label: "lost: code" });
      await page.getByRole("application", { name: "Elected signs" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await whenDrawn(page);
      await check(page, name("tensor"));
      expect(problems).toEqual([]);
      await close();
    });
  }
}
