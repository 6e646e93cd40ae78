/** Everything can be done by keyboard alone: every control is a stop of Tab, in reading order, and is seen to be. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openInspector, shoot, whenDrawn, whenExact } from "./inspectorPage";

interface Stop {
  name: string;
  box: { x: number; y: number; width: number; height: number };
}

/** What the keyboard is on, in whichever shadow tree; null: nothing of the page. */
const focused = (page: Page): Promise<Stop | null> =>
  page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body) return null;
    const host = at.getRootNode() instanceof ShadowRoot ? (at.getRootNode() as ShadowRoot).host : null;
    const named = [at, host].find((element) => element?.getAttribute("aria-label"));
    // The library's buttons take their words from outside.
    const words = [at, host].map((element) => element?.textContent.trim() ?? "").find((text) => text !== "");
    const name = named?.getAttribute("aria-label") ?? words ?? "";
    const { x, y, width, height } = at.getBoundingClientRect();
    return { name: name.replace(/\s+/g, " ").slice(0, 60), box: { x, y, width, height } };
  });

const setFocus = (page: Page, on: boolean): Promise<void> =>
  page.evaluate((shown) => {
    const held = window as unknown as { left?: HTMLElement };
    if (shown) return held.left?.focus({ preventScroll: true });
    let at = document.activeElement as HTMLElement | null;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement as HTMLElement;
    held.left = at ?? undefined;
    at?.blur();
  }, on);

/** Whether the place of a stop looks otherwise without the focus. */
async function isSeen(page: Page, { box }: Stop): Promise<boolean> {
  const edge = 4;
  const size = page.viewportSize()!;
  const left = Math.max(0, box.x - edge);
  const top = Math.max(0, box.y - edge);
  const clip = {
    x: left,
    y: top,
    width: Math.max(1, Math.min(size.width, box.x + box.width + edge) - left),
    height: Math.max(1, Math.min(size.height, box.y + box.height + edge) - top),
  };
  const shown = await page.screenshot({ clip });
  await setFocus(page, false);
  const without = await page.screenshot({ clip });
  await setFocus(page, true);
  return !shown.equals(without);
}

/** Goes from stop to stop until the page is left; those that are not seen to be on it are in `unseen`. */
async function walk(page: Page): Promise<{ stops: string[]; unseen: string[] }> {
  const stops: string[] = [];
  const unseen: string[] = [];
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press("Tab");
    const stop = await focused(page);
    if (!stop) break;
    stops.push(stop.name);
    if (!(await isSeen(page, stop))) unseen.push(stop.name);
  }
  return { stops, unseen };
}

/** Presses Tab until the stop with this name. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const isThere = (stop: Stop | null): boolean =>
    stop !== null && (typeof name === "string" ? stop.name === name : name.test(stop.name));
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press("Tab");
    if (isThere(await focused(page))) return;
  }
  throw new Error(`no stop ${String(name)}`);
}

/** The first of the names that are among the stops, in this order. */
const inOrder = (stops: readonly string[], names: readonly RegExp[]): (RegExp | undefined)[] => {
  let from = 0;
  return names.map((name) => {
    const at = stops.findIndex((stop, index) => index >= from && name.test(stop));
    if (at < 0) return undefined;
    from = at + 1;
    return name;
  });
};

test("the overview: every control in reading order, and seen", async () => {
  const { page, root, problems, close } = await openInspector(
    { fixture: "small", models: 3, sampled: true },
    { width: 1440, height: 2200 },
  );
  await whenExact(root);
  await root.locator("ties-curves svg.chart").first().waitFor();
  const { stops, unseen } = await walk(page);
  const expected = [
    ...["math", "code", "chat"].flatMap((model) => [RegExp(`^Merge ${model}`), RegExp(`^Weight of ${model}`)]),
    ...[/^Method/, /^Density/, /^λ/, /^Export/, /^Merge…/, /^Overview/],
    ...[/^Statistic that colours/, /layer 0 · q/, /^Lost mass by layer/, /^Show as a table/],
    ...[/^Part of the model/, /^Pairs/, /^Show as a table/, /^Whole model/],
  ];
  expect(inOrder(stops, expected), stops.join(" | ")).toEqual(expected);
  expect(unseen).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});

test("the tensors: every control in reading order, and seen", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3 }, { height: 1400 });
  await whenExact(root);
  await tabTo(page, "Overview");
  await page.keyboard.press("ArrowRight");
  await tabTo(page, "Layers and their statistics");
  for (const key of ["Home", "ArrowRight", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await whenDrawn(page);
  // From the start of the page, which comes back as it was.
  await page.reload();
  await whenExact(root);
  await whenDrawn(page);
  const { stops, unseen } = await walk(page);
  const expected = [
    ...[/^Tensors/, /^Filter by name/, /^Group by layer/, /^Columns/, /^Copy as tab/, /^Save all tensors as CSV/],
    ...[/^Layers and their/, /^Width of the table/, /^Whole model/, /^Next tensor/, /^Back to the whole model/],
    ...[/^Zoom in/, /^Entries that are shown/, /^Conflicts/, /^Profiles/, /^Elected signs/],
  ];
  expect(inOrder(stops, expected), stops.join(" | ")).toEqual(expected);
  expect(unseen).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});

test("from the set to a parameter, another density and an export, without a pointer", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await tabTo(page, "Merge math");
  await page.keyboard.press("Space");
  await root.locator(".badge.sampled").waitFor();
  await tabTo(page, "Density");
  await page.keyboard.press("ArrowRight");
  await tabTo(page, "Recompute exactly");
  await page.keyboard.press("Enter");
  await whenExact(root);
  // A cell of the map opens its tensor.
  await tabTo(page, /layer 0 · q/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await whenDrawn(page);
  await root.getByRole("heading", { name: "model.layers.1.self_attn.q_proj.weight" }).waitFor();
  await tabTo(page, "Entries that are shown");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "Elected signs");
  for (const key of ["+", "+", "ArrowRight", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await root.getByText("pinned").waitFor();
  await root.getByText("3 · Disjoint merge").waitFor();
  await shoot(page, "keyboard-parameter");
  await page.keyboard.press("Escape");
  await root.getByText("Point at a picture").waitFor();
  await tabTo(page, "Export");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "exportReport"));
  expect(problems).toEqual([]);
  await close();
});
