/** How soon the inspector shows something: what is in the set, a first estimate of all figures, another setting. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { createMergeSet } from "../../../src/engine/plan/createMergeSet";
import { generateSet } from "../generatedModel";
import { printTable } from "../table";
import { writeManyTensors } from "./manyTensors";
import { serveInspector } from "./server";
import type { Times } from "./times";

const MODELS = 4;
/** 1 GB of BF16, or a tenth of it. */
const LAYERS = { whole: 40, quick: 4 };
const SLIDES = 40;

interface Opened {
  /** Milliseconds from the command to the map, and to the first figures in it. */
  map: number;
  figures: number;
  /** Of the bytes of the files, in percent, as the badge says. */
  read: number;
  /** From a move of the slider to the frame with the new figures, and of it until the answer was there. */
  slides: number[];
  answers: number[];
  /** The same of models that are switched off and on again. */
  toggles: number[];
}

/** @param folders of generated sets and of pages. */
export async function benchOpening(
  browser: Browser,
  folders: { sets: string; pages: string },
  { quick, rounds }: { quick: boolean; rounds: number },
): Promise<void> {
  const sets = {
    "4 × 10 000 tensors": writeManyTensors(join(folders.sets, "many small tensors"), MODELS),
    [quick ? "4 × 0.1 GB BF16" : "4 × 1 GB BF16"]: generateSet(folders.sets, {
      dtype: "BF16",
      layers: quick ? LAYERS.quick : LAYERS.whole,
      embeddings: false,
      models: MODELS,
    }),
  };
  const rows: string[][] = [];
  for (const [name, files] of Object.entries(sets)) {
    const runs: Opened[] = [];
    for (let round = 0; round < rounds; round++) {
      const page = join(folders.pages, `page ${name} ${round}`);
      mkdirSync(page);
      runs.push(await open(browser, files, page));
    }
    const slides = runs.flatMap((run) => run.slides);
    rows.push([
      name,
      median(runs.map(({ map }) => map / 1000)).toFixed(2),
      median(runs.map(({ figures }) => figures / 1000)).toFixed(2),
      median(runs.map(({ read }) => read)).toFixed(2),
      median(slides).toFixed(0),
      quantile(slides, 0.95).toFixed(0),
      median(runs.map(({ slides: [first] }) => first ?? Number.NaN)).toFixed(0),
      median(runs.flatMap(({ answers }) => answers)).toFixed(0),
      quantile(
        runs.flatMap(({ toggles }) => toggles),
        0.95,
      ).toFixed(0),
    ]);
  }
  printTable(
    "The inspector opens",
    [
      "set",
      "map s",
      "first figures s",
      "read %",
      "slider ms, median",
      "slider ms, p95",
      "first move ms",
      "answered after ms",
      "model on or off ms, p95",
    ],
    rows,
  );
}

async function open(browser: Browser, files: { base: string; models: string[] }, folder: string): Promise<Opened> {
  const set = createMergeSet({ base: files.base, models: files.models.map((path) => ({ path })) });
  // Building the page is not part of it; the engine starts with the command.
  const server = await serveInspector(set, folder);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    const begin = performance.now();
    server.open();
    await page.goto(server.url);
    const root = page.locator("ties-inspector");
    await root.locator("ties-model-map [role=gridcell]").first().waitFor({ timeout: 120_000 });
    const map = performance.now() - begin;
    const badge = root.locator(".badge", { hasText: /sampled|exact$/ }).first();
    await badge.waitFor({ timeout: 120_000 });
    const figures = performance.now() - begin;
    const read = Number(/\(([\d.]+) % of the bytes/.exec((await badge.getAttribute("title")) ?? "")?.[1] ?? Number.NaN);
    return { map, figures, read, ...(await slide(page)), toggles: await toggle(page) };
  } finally {
    await page.close();
    await server.close();
  }
}

async function slide(page: Page): Promise<Pick<Opened, "slides" | "answers">> {
  const slider = page.locator("ties-inspector").getByRole("slider", { name: "Density", exact: true });
  await page.evaluate("bench.times.samples = []; bench.times.answers = []");
  for (let step = 0; step < SLIDES; step++) {
    await slider.fill((0.21 + 0.01 * step).toFixed(2));
    await page.waitForFunction(`bench.times.samples.length > ${step}`, null, { timeout: 30_000 });
  }
  const { samples, answers } = await page.evaluate<Times>("bench.times");
  return { slides: samples, answers };
}

async function toggle(page: Page): Promise<number[]> {
  const models = page.locator("ties-inspector").getByRole("checkbox", { name: /^Merge / });
  await page.evaluate("bench.times.samples = []");
  for (let step = 0; step < SLIDES; step++) {
    await models.nth(Math.floor(step / 2) % MODELS).click();
    await page.waitForFunction(`bench.times.samples.length > ${step}`, null, { timeout: 30_000 });
  }
  return (await page.evaluate<Times>("bench.times")).samples;
}

const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
const median = (values: readonly number[]): number => quantile(values, 0.5);
