/** The report in one file opens in a browser without a network and says what the statistics say. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import buildOnce from "../buildOnce";
import { writeSafetensors, type FixtureTensors } from "../fixtures/writeCheckpoint";
import { shoot } from "./inspectorPage";
import { violations } from "./violations";

const folder = mkdtempSync(path.join(tmpdir(), "ties-report-"));
const file = path.join(folder, "report.html");
const csvFile = path.join(folder, "report.csv");
let report: InterferenceReport;

const SOURCE_DATE_EPOCH = "1700000000";
const WRITTEN = "November 14, 2023";

/** A base and three fine-tunes, one tensor larger than a tile. */
function writeSet(): string[] {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const shapes: Record<string, number[]> = { "model.embed_tokens.weight": [300, 40] };
  for (let layer = 0; layer < 3; layer++) {
    shapes[`model.layers.${layer}.self_attn.q_proj.weight`] = [48, 40];
    shapes[`model.layers.${layer}.mlp.up_proj.weight`] = [96, 40];
    shapes[`model.layers.${layer}.input_layernorm.weight`] = [40];
  }
  shapes["lm_head.weight"] = [600, 400];
  const tensors = (size: number): FixtureTensors =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const count = shape.reduce((product, edge) => product * edge, 1);
        return [name, { dtype: "F32", shape, values: Array.from({ length: count }, () => size * random()) }];
      }),
    );
  for (const name of ["base", "math", "code", "chat"]) {
    writeSafetensors(path.join(folder, name, "model.safetensors"), tensors(name === "base" ? 0 : 1));
  }
  const flags = ["math", "code", "chat"].flatMap((name) => ["--model", path.join(folder, name)]);
  return ["--base", path.join(folder, "base"), ...flags];
}

beforeAll(async () => {
  buildOnce();
  const cli = path.resolve(import.meta.dirname, "../../dist/cli.js");
  const json = path.join(folder, "report.json");
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, args, { env: { ...process.env, SOURCE_DATE_EPOCH } });
  await run(cli, "inspect", ...writeSet(), "--html", file, "--json", json, "--csv", csvFile, "--quiet");
  report = JSON.parse(readFileSync(json, "utf8")) as InterferenceReport;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function openReport(options: { colorScheme?: "light" | "dark"; width?: number; at?: string } = {}) {
  const browser = await chromium.connect(inject("browser"));
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: 900 },
    colorScheme: options.colorScheme ?? "dark",
    reducedMotion: "reduce",
    offline: true,
    acceptDownloads: true,
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(request.url());
  });
  await page.goto(pathToFileURL(options.at ?? file).href);
  return { page, root: page.locator("ties-inspector"), problems, requests, close: () => context.close() };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

for (const colorScheme of ["light", "dark"] as const) {
  test(`every view in ${colorScheme}, with the report's figures, no network and no accessibility problem`, async () => {
    const { page, root, problems, requests, close } = await openReport({ colorScheme });
    await root.locator(".badge.exact").waitFor();
    // What only an editor can do is not offered.
    expect(await root.getByRole("button", { name: /Merge/ }).count()).toBe(0);
    await root.getByText("A report of exact statistics").waitFor();

    // Model map, pairs, who wins, totals.
    const up = report.tensors.find(({ name }) => name === "model.layers.1.mlp.up_proj.weight")!;
    const cell = root.getByRole("gridcell", { name: /layer 1 · up/ });
    expect(await cell.getAttribute("aria-label")).toContain(percent(up.conflict / up.elements));
    const pair = report.totals.pairs.find(({ i, j }) => i === 0 && j === 1)!;
    await root
      .locator("ties-pairs-view")
      .getByRole("cell", { name: percent(pair.disagree / pair.bothKept) })
      .first()
      .waitFor();
    const loss = root.getByRole("slider", { name: "Lost mass by layer" });
    expect(await loss.getAttribute("aria-valuetext")).toContain(`math ${percent(report.totals.models[0]!.lostMass)}`);
    await shoot(page, `report-${colorScheme}-overview`);
    expect(await violations(page)).toEqual([]);

    // The tensor, its masks, the table.
    await root.getByRole("tab", { name: "Tensors" }).click();
    await root.getByRole("textbox", { name: "Filter by name" }).fill("lm_head");
    await root.locator('[role=row][data-tensor="lm_head.weight"]').click();
    await page.locator("ties-map canvas").first().waitFor();
    await page.locator("ties-tensor-view vscode-progress-ring").waitFor({ state: "detached" });
    expect(await root.getByRole("alert").count()).toBe(0);
    const head = report.tensors.find(({ name }) => name === "lm_head.weight")!;
    await root
      .locator("ties-tensor-view")
      .getByText(`kept ${percent(head.models[0]!.kept / head.elements)}`)
      .first()
      .waitFor();
    await shoot(page, `report-${colorScheme}-tensor`);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    expect(requests).toEqual([pathToFileURL(file).href]);
    await close();
  });
}

test("a stranger reads what it is, of which models and of when, and what the words mean", async () => {
  const { page, root, problems, close } = await openReport({ colorScheme: "light", width: 900 });
  await root.getByRole("heading", { level: 1, name: "Interference of 3 models merged with TIES" }).waitFor();
  const title = root.locator("ties-report-title");
  await title.getByText(`Base: base · Models: math, code, chat · ${WRITTEN}`).waitFor();
  expect(await title.getByText("What fine-tuning changed").isVisible()).toBe(false);
  await title.getByText("What do these words mean?").click();
  await title.getByText("What fine-tuning changed").waitFor();
  expect(await title.getByRole("term").count()).toBe(9);
  await shoot(page, "report-words");
  expect(await violations(page)).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});

test("printed, the whole overview stands on paper: no pane scrolls, every row of the map is there", async () => {
  const { page, root, close } = await openReport({ colorScheme: "dark", width: 718 });
  await root.locator(".badge.exact").waitFor();
  // As a printer's dialog does it: the events, then the page in the style of paper.
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const panes = (): Promise<string[]> =>
    page.evaluate(() => {
      const found: string[] = [];
      const look = (within: ParentNode): void => {
        for (const element of within.querySelectorAll<HTMLElement>("*")) {
          if (element.shadowRoot) look(element.shadowRoot);
          const { overflowX, overflowY } = getComputedStyle(element);
          if ([overflowX, overflowY].some((value) => value === "auto" || value === "scroll")) {
            if (element.checkVisibility()) found.push(`${element.localName}.${element.className}`);
          }
        }
      };
      look(document.body);
      return found;
    });
  await expect.poll(panes).toEqual([]);
  expect(await root.getByRole("grid").getByRole("row").count()).toBe(1 + 5);
  // Ink on white, whatever the system's colours are.
  expect(await page.evaluate(() => document.body.className)).toContain("vscode-light");
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  expect(height).toBeGreaterThan(900);
  const folder = process.env.WEBVIEW_SHOTS;
  if (folder) await page.screenshot({ path: path.join(folder, "report-print.png"), fullPage: true });
  const pdf = await page.pdf({ format: "A4", ...(folder ? { path: path.join(folder, "report.pdf") } : {}) });
  expect(pdf.toString("latin1").match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(1);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen", colorScheme: "dark" });
  await expect.poll(() => page.evaluate(() => document.body.className)).toContain("vscode-dark");
  await close();
});

test("settings are said and cannot be changed; nothing that needs the models is offered", async () => {
  const { root, problems, close } = await openReport();
  const bar = root.locator("ties-merge-set-bar");
  await expect.poll(() => bar.locator(".badge").innerText()).toBe("exact");
  expect(await bar.locator("input, select").count()).toBe(0);
  expect(await bar.locator("dl").innerText()).toContain("TIES");
  expect(await bar.getByRole("button").allInnerTexts()).toEqual(["Export"]);
  expect(await root.locator("ties-curves").count()).toBe(0);
  expect(problems).toEqual([]);
  await close();
});

test("the table is downloaded as the CSV that the command line writes, and copied", async () => {
  const { page, root, problems, close } = await openReport();
  await root.locator(".badge.exact").waitFor();
  await root.getByRole("tab", { name: "Tensors" }).click();
  const saved = async (click: () => Promise<void>): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent("download"), click()]);
    expect(download.suggestedFilename()).toBe("interference.csv");
    const copy = path.join(folder, "downloaded.csv");
    await download.saveAs(copy);
    return readFileSync(copy, "utf8");
  };
  const expected = readFileSync(csvFile, "utf8");
  expect(expected.split("\r\n")).toHaveLength(report.tensors.length + 2);
  expect(await saved(() => root.getByRole("button", { name: "Save all tensors as CSV" }).click())).toBe(expected);
  await root.getByRole("button", { name: "Export" }).click();
  const fromMenu = await saved(() => root.getByRole("menuitem", { name: "Table of the tensors as CSV…" }).click());
  expect(fromMenu).toBe(expected);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await root.getByRole("button", { name: "Copy as tab-separated values" }).click();
  await root.getByText("lines copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^name\telements\tconflict/);
  expect(problems).toEqual([]);
  await close();
});

test("a pinned parameter of a small tensor is explained", async () => {
  const { page, root, problems, close } = await openReport();
  await root.locator(".badge.exact").waitFor();
  await root.getByRole("tab", { name: "Tensors" }).click();
  await root.getByRole("textbox", { name: "Filter by name" }).fill("layers.0.input_layernorm");
  await root.locator('[role=row][data-tensor="model.layers.0.input_layernorm.weight"]').click();
  const elected = page.getByRole("application", { name: "Elected signs" });
  await elected.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await root.getByText("3 · Disjoint merge").waitFor();
  await root.getByText("θ₀ (base)").waitFor();
  await shoot(page, "report-parameter");
  expect(problems).toEqual([]);
  await close();
});

test("single parameters that are in the file are shown; of others is said where they are", async () => {
  const { page, root, problems, close } = await openReport({ width: 1440 });
  await root.locator(".badge.exact").waitFor();
  await root.getByRole("tab", { name: "Tensors" }).click();
  await root.getByRole("textbox", { name: "Filter by name" }).fill("lm_head");
  await root.locator('[role=row][data-tensor="lm_head.weight"]').click();
  await root.getByText("In this report a pixel is 4 × 4 parameters").waitFor();
  await root.getByRole("button", { name: "Show them" }).click();
  await root.getByText("3 · Disjoint merge").waitFor();
  await shoot(page, "report-cells");
  // The block is 64 wide: a hundred steps lead out of it, whichever way it lies.
  await page.getByRole("application", { name: "Elected signs" }).focus();
  const left = /columns (\d+)/.exec(await root.getByText(/Single parameters: rows/).innerText())![1]!;
  for (let step = 0; step < 100; step++) await page.keyboard.press(Number(left) > 100 ? "ArrowLeft" : "ArrowRight");
  await root.getByText("This parameter's values are not in this report").waitFor();
  // Nothing has failed.
  expect(await root.getByRole("button", { name: /Show Log|Retry/ }).count()).toBe(0);
  expect(await root.getByRole("alert").count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});

test("a file cut short says so", async () => {
  const cut = path.join(folder, "cut.html");
  const { writeFileSync } = await import("node:fs");
  const text = readFileSync(file, "utf8");
  writeFileSync(cut, text.replace(/(id="ties-report">[^<]{40})[^<]*/, "$1"));
  const { page, close } = await openReport({ at: cut });
  await page.getByText("A part of this report is damaged or missing (ties-report)").waitFor();
  await close();
});

test("the file keeps to its size and names nothing but what the report names", () => {
  expect(statSync(file).size).toBeLessThan(20_000_000);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("default-src 'none'");
  expect(text).not.toContain("sourceMappingURL");
  expect(text.match(/<script(?![^>]*type=)/g)).toHaveLength(2);
});
