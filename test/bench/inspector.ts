/** The inspector on one tensor as large as embeddings are: how soon there are pixels, and how it pans and zooms. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { benchLongUse } from "./inspector/longUse";
import { HUGE_TENSOR, writeHugeSet } from "./inspector/hugeTensor";
import { benchOpening } from "./inspector/opening";
import type { Moved, Times } from "./inspector/times";
import { serveInspector } from "./inspector/server";
import { printTable, type Row } from "./table";

const MODELS = 4;
const STEPS = 240;
/** A frame of 60 a second, and what the target calls a blank, in milliseconds. */
const FRAME = 1000 / 60;

/** Parts that are measured, all where none is named: opening, use, tensor. `--once`: one opening of each set. */
const parts = process.argv.slice(2).filter((part) => !part.startsWith("-"));
const wanted = (part: string): boolean => parts.length === 0 || parts.includes(part);
const quick = process.argv.includes("--quick");
const rounds = process.argv.includes("--once") ? 1 : 3;
const shape = quick ? [20_000, 4096] : [150_000, 4096];
const folder = mkdtempSync(join(tmpdir(), "inspector-"));
/** Where generated sets stay for the next time, if a folder is given. */
const sets = process.env.BENCH_FOLDER ?? folder;

async function main(): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    if (wanted("opening")) await benchOpening(browser, { sets, pages: folder }, { quick, rounds });
    if (wanted("use")) await benchLongUse(browser, { sets, pages: folder }, quick);
    if (wanted("tensor")) await benchTensor(browser);
  } finally {
    await browser.close();
  }
}

async function benchTensor(browser: Browser): Promise<void> {
  const files = writeHugeSet(join(sets, `huge ${shape.join(" ")}`), shape, MODELS);
  const set = createMergeSet({
    method: "ties",
    compat: "reference",
    base: files.base,
    models: files.models.map((path) => ({ path, weight: 1 })),
  });
  mkdirSync(join(folder, "page"));
  const server = await serveInspector(set, join(folder, "page"));
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on("pageerror", (error) => process.stderr.write(`${error.message}\n`));
    // A request over HTTP would take the page's thread as long as a picture does to draw.
    const wire = await page.context().newCDPSession(page);
    await wire.send("Runtime.enable");
    await wire.send("Runtime.addBinding", { name: "toHost" });
    wire.on("Runtime.bindingCalled", ({ payload }) => server.receive(payload));
    await page.goto(server.url);
    await measure(page);
    const shot = process.env.BENCH_SHOT;
    if (shot) await page.screenshot({ path: shot });
  } finally {
    await server.close();
  }
}

async function measure(page: Page): Promise<void> {
  const root = page.locator("ties-inspector");
  await root.getByRole("tab", { name: "Tensors" }).click();
  await root.getByRole("textbox", { name: "Filter by name" }).fill(HUGE_TENSOR);
  await root.locator(`[role=row][data-tensor="${HUGE_TENSOR}"]`).click();
  const begin = await page.evaluate<number>("performance.now()");
  await page.waitForFunction("bench.times.firstTile !== null", null, { timeout: 600_000 });
  await root.locator("ties-tensor-view vscode-progress-ring").waitFor({ state: "detached", timeout: 600_000 });
  const first = await page.evaluate<Times & { now: number }>("({ ...bench.times, now: performance.now() })");
  const since = (at: number | null): string => (at === null ? "–" : ((at - begin) / 1000).toFixed(1));
  printTable(
    `${shape.join(" × ")} BF16, ${MODELS} models, after the tensor is chosen`,
    ["", "s"],
    [
      ["first pixels, in part", since(first.firstPart)],
      ["first whole tile", since(first.firstTile)],
      ["all of the first view", since(first.now)],
    ],
  );
  await root.getByRole("application", { name: "Elected signs" }).scrollIntoViewIfNeeded();
  const moved = await page.evaluate<Moved>(`bench.move(${STEPS})`);
  printTiles(moved.tiles);
  printFrames(moved);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function printTiles(tiles: Times["tiles"]): void {
  const levels = [...new Set(tiles.map(({ level }) => level))].sort((a, b) => a - b);
  const row = (name: string, of: Times["tiles"]): Row => {
    const times = of.map(({ milliseconds }) => milliseconds);
    return [name, String(times.length), quantile(times, 0.5).toFixed(0), quantile(times, 0.95).toFixed(0)];
  };
  printTable(
    "Tile request to pixels",
    ["level", "tiles", "median ms", "p95 ms"],
    [
      ...levels.map((level) =>
        row(
          String(level),
          tiles.filter((tile) => tile.level === level),
        ),
      ),
      row("all", tiles),
    ],
  );
}

function printFrames({ frames, blanks }: Moved): void {
  const late = frames.filter((time) => time > 1.5 * FRAME).length;
  printTable(
    "Pan and zoom, a step a frame",
    ["", ""],
    [
      ["frames a second", (1000 / (frames.reduce((sum, time) => sum + time, 0) / frames.length)).toFixed(1)],
      ["median, p95, longest ms", [0.5, 0.95, 1].map((share) => quantile(frames, share).toFixed(0)).join(" · ")],
      ["frames later than 25 ms", `${late} of ${frames.length}`],
      ["longest blank, ms", Math.max(0, ...blanks).toFixed(0)],
    ],
  );
}

void main().finally(() => rmSync(folder, { recursive: true, force: true }));
