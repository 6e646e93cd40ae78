/** Bundles the panel as it ships and the host stand-in, and starts one Chromium for all test files. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder with main.js, style.css and hostStandIn.js. */
    bundle: string;
    browser: string;
  }
}

const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default async function buildPage(project: TestProject): Promise<() => Promise<void>> {
  const root = path.resolve(import.meta.dirname, "../..");
  const bundle = mkdtempSync(path.join(tmpdir(), "ties-webview-"));
  const common = { bundle: true, platform: "browser", target: "es2022", format: "iife", outdir: bundle } as const;
  await build({
    ...common,
    // As in a packaged extension: minified, with the panel's own settings.
    minify: true,
    entryPoints: { main: path.join(root, "webview/main.ts"), style: path.join(root, "webview/style.css") },
    tsconfig: path.join(root, "webview/tsconfig.json"),
  });
  await build({
    ...common,
    entryPoints: { hostStandIn: path.join(import.meta.dirname, "standIn/hostStandIn.ts") },
    tsconfig: path.join(import.meta.dirname, "tsconfig.json"),
  });
  const server = await chromium.launchServer({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: CHROMIUM_ARGS,
  });
  project.provide("bundle", bundle);
  project.provide("browser", server.wsEndpoint());
  return async () => {
    await server.close();
    rmSync(bundle, { recursive: true, force: true });
  };
}
