/** What the page holds after minutes of use at random: settings, layers, tensors, zoom, tabs. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, CDPSession, Locator, Page } from "playwright-core";
import { createMergeSet } from "../../../src/engine/plan/createMergeSet";
import { generateSet } from "../generatedModel";
import { printTable, type Row } from "../table";
import { serveInspector } from "./server";

const MODELS = 4;
const MINUTES = { whole: 10, quick: 1 };
const MEGABYTE = 2 ** 20;

/** @param folders of generated sets and of pages. */
export async function benchLongUse(
  browser: Browser,
  folders: { sets: string; pages: string },
  quick: boolean,
): Promise<void> {
  const files = generateSet(folders.sets, { dtype: "BF16", layers: 4, embeddings: false, models: MODELS });
  const set = createMergeSet({ base: files.base, models: files.models.map((path) => ({ path })) });
  const own = join(folders.pages, "page long");
  mkdirSync(own);
  const server = await serveInspector(set, own);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const rows: Row[] = [];
  try {
    const whole = await browser.newBrowserCDPSession();
    const [, , ...empty] = await held(0, 0, await page.context().newCDPSession(page), whole);
    rows.push(["empty page", "", ...empty]);
    server.open();
    await page.goto(server.url);
    const root = page.locator("ties-inspector");
    await root.locator(".badge.exact").waitFor({ timeout: 120_000 });
    const devTools = await page.context().newCDPSession(page);
    const minutes = quick ? MINUTES.quick : MINUTES.whole;
    let acts = 0;
    rows.push(await held(0, acts, devTools, whole));
    for (let minute = 1; minute <= minutes; minute++) {
      const end = performance.now() + 60_000;
      while (performance.now() < end) {
        await act(page, root);
        acts++;
      }
      rows.push(await held(minute, acts, devTools, whole));
    }
  } finally {
    await page.close();
    await server.close();
  }
  printTable(
    "The page in use",
    ["minutes", "acts", "JavaScript heap MB", "elements", "own memory MB", "renderer RSS MB"],
    rows,
  );
}

/** After collecting garbage. */
async function held(minute: number, acts: number, page: CDPSession, browser: CDPSession): Promise<Row> {
  await page.send("HeapProfiler.collectGarbage");
  const { usedSize } = await page.send("Runtime.getHeapUsage");
  const { nodes } = await page.send("Memory.getDOMCounters");
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => memoryOf(id));
  const largest = (part: keyof Memory): string =>
    (Math.max(...renderers.map((memory) => memory[part])) / MEGABYTE).toFixed(0);
  return [
    String(minute),
    String(acts),
    (usedSize / MEGABYTE).toFixed(1),
    String(nodes),
    largest("own"),
    largest("resident"),
  ];
}

/** In bytes. */
interface Memory {
  resident: number;
  /** Without what is mapped from files, most of it the browser's program, that all its processes share. */
  own: number;
}

function memoryOf(process: number): Memory {
  const status = readFileSync(`/proc/${process}/status`, "utf8");
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  return { resident: field("VmRSS"), own: field("RssAnon") + field("RssShmem") };
}

let state = 1;
const random = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

async function act(page: Page, root: Locator): Promise<void> {
  const choices = [
    () => root.getByRole("slider", { name: "Density", exact: true }).fill(String((5 + random(90)) / 100)),
    () => clickOneOf(root.locator(".models input[type=checkbox]")),
    () => root.getByRole("tab", { name: "Overview" }).click(),
    () => root.getByRole("tab", { name: "Tensors" }).click(),
    () => clickOneOf(root.locator("ties-model-map [data-cell]")),
    () => clickOneOf(root.locator("[role=row][data-tensor]")),
    ...[1, 2, 3].map(() => () => wheel(page, root)),
  ];
  // What is not there in this state of the page is passed over.
  await choices[random(choices.length)]?.().catch(() => undefined);
  await page.waitForTimeout(50 + random(400));
}

async function clickOneOf(targets: Locator): Promise<void> {
  const count = await targets.count();
  if (count > 0) await targets.nth(random(count)).click({ timeout: 1000 });
}

async function wheel(page: Page, root: Locator): Promise<void> {
  const pictures = root.locator("canvas.map");
  const count = await pictures.count();
  const box = count > 0 ? await pictures.nth(random(count)).boundingBox() : null;
  if (!box) return;
  await page.mouse.move(box.x + random(box.width), box.y + random(box.height));
  await page.mouse.wheel(0, (random(2) * 2 - 1) * 240);
}
