/** The panel on a page of its own: the shipped bundle under the content security policy that the host sets. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { inject } from "vitest";
import type { Scenario } from "./standIn/hostStandIn";

export const THEMES = ["dark", "light", "hc-black", "hc-light"] as const;
export type Theme = (typeof THEMES)[number];

/** Body classes and the theme kind, as VS Code sets them. */
const BODY: Record<Theme, { class: string; kind: string }> = {
  dark: { class: "vscode-dark", kind: "vscode-dark" },
  light: { class: "vscode-light", kind: "vscode-light" },
  "hc-black": { class: "vscode-high-contrast", kind: "vscode-high-contrast" },
  "hc-light": { class: "vscode-high-contrast-light vscode-high-contrast", kind: "vscode-high-contrast-light" },
};

const ORIGIN = "https://inspector.test";
/** A busy machine is slow, not broken. */
const PATIENCE_MS = 60_000;
const NONCE = "bm9uY2U";

export interface OpenOptions {
  theme?: Theme;
  width?: number;
  height?: number;
  scale?: number;
  reducedMotion?: boolean;
  /** Time stands still until the test moves it. */
  clock?: boolean;
}

export interface InspectorPage {
  page: Page;
  root: Locator;
  /** Breaches of the content security policy and errors of the page: a test expects none. */
  problems: string[];
  close(): Promise<void>;
}

let browser: Browser | undefined;

async function sharedBrowser(): Promise<Browser> {
  browser ??= await chromium.connect(inject("browser"));
  return browser;
}

export async function openInspector(scenario: Scenario, options: OpenOptions = {}): Promise<InspectorPage> {
  const { theme = "dark", width = 1440, height = 900, scale = 1, reducedMotion = true } = options;
  const context = await (
    await sharedBrowser()
  ).newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await serve(context, theme);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    // Said of the tests' own reading of pixels.
    if (message.text().startsWith("Canvas2D: Multiple readback")) return;
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  if (options.clock) await page.clock.install();
  await page.addInitScript((given) => (window.scenario = given), scenario);
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(
        `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample} ${event.sourceFile}:${event.lineNumber}`,
      ),
    ),
  );
  await page.goto(`${ORIGIN}/`);
  return { page, root: page.locator("ties-inspector"), problems, close: () => context.close() };
}

async function serve(context: BrowserContext, theme: Theme): Promise<void> {
  const bundle = inject("bundle");
  await context.route(`${ORIGIN}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "") return route.fulfill({ contentType: "text/html", body: html(theme) });
    const file = name.startsWith("themes/") ? path.join(import.meta.dirname, name) : path.join(bundle, name);
    return existsSync(file) ? route.fulfill({ path: file }) : route.fulfill({ status: 404 });
  });
}

/** The page as the extension host writes it; the editor itself puts the theme's variables on the root. */
function html(theme: Theme): string {
  const csp = [
    "default-src 'none'",
    `img-src ${ORIGIN} data:`,
    `style-src ${ORIGIN} 'nonce-${NONCE}'`,
    `font-src ${ORIGIN}`,
    `script-src 'nonce-${NONCE}'`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta property="csp-nonce" content="${NONCE}">
<title>Inspector</title>
<link rel="stylesheet" nonce="${NONCE}" href="themes/${theme}.css">
<link rel="stylesheet" nonce="${NONCE}" href="style.css">
</head>
<body class="${BODY[theme].class}" data-vscode-theme-kind="${BODY[theme].kind}">
<ties-inspector></ties-inspector>
<script nonce="${NONCE}" src="hostStandIn.js"></script>
<script nonce="${NONCE}" src="main.js"></script>
</body>
</html>`;
}

/** Waits until every figure is there. */
export const whenExact = (root: Locator): Promise<void> => root.locator(".badge.exact").waitFor();

/**
 * Waits until no picture is on its way and the last frame is drawn: a while, and some frames (on a busy machine they
 * take longer than that while), in which nothing is asked of the host and nothing is under way.
 */
export async function whenDrawn(page: Page): Promise<void> {
  await page.locator("ties-map canvas").first().waitFor();
  const ring = page.locator("ties-tensor-view vscode-progress-ring");
  const callsDuringRest = (): Promise<number> =>
    page.evaluate(async () => {
      const before = window.standIn.calls.length;
      const end = performance.now() + 150;
      for (let frame = 0; frame < 6 || performance.now() < end; frame++) await new Promise(requestAnimationFrame);
      return window.standIn.calls.length - before;
    });
  do await ring.waitFor({ state: "detached" });
  while ((await callsDuringRest()) > 0 || (await ring.count()) > 0);
}

export const openTab = (root: Locator, name: "Overview" | "Tensors"): Promise<void> =>
  root.getByRole("tab", { name }).click();

export async function chooseTensor(root: Locator, name: string): Promise<void> {
  await openTab(root, "Tensors");
  const filter = root.getByRole("textbox", { name: "Filter by name" });
  await filter.fill(name);
  await root.locator(`[role=row][data-tensor="${name}"]`).click();
  await filter.fill("");
}

/** RGB of a canvas' pixels at points in CSS pixels. */
export const canvasPixels = (canvas: Locator, points: [number, number][]): Promise<[number, number, number][]> =>
  canvas.evaluate((element: HTMLCanvasElement, at) => {
    const ratio = element.width / element.clientWidth;
    const context = element.getContext("2d")!;
    return at.map(([x, y]) => {
      const [r, g, b] = context.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data;
      return [r!, g!, b!] as [number, number, number];
    });
  }, points);

/** A picture of the page, where WEBVIEW_SHOTS names a folder for them. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.WEBVIEW_SHOTS;
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
