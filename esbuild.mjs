// Bundles the extension, the command line, the two workers and the webview into dist/.
import { build, context } from "esbuild";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const maps = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => name.endsWith(".map"))
        .map((name) => join(folder, name))
    : [];

const watch = process.argv.includes("--watch");
const production = process.argv.includes("--production");
const common = {
  bundle: true,
  sourcemap: !production,
  minify: production,
  logLevel: "warning",
  legalComments: "none",
};

const node = {
  ...common,
  platform: "node",
  target: "node20",
  format: "cjs",
  outdir: "dist",
  external: ["vscode"],
  entryPoints: {
    extension: "src/extension.ts",
    cli: "src/cli/main.ts",
    engineWorker: "src/worker/engineWorker.ts",
    computeWorker: "src/worker/computeWorker.ts",
  },
};
const browser = {
  ...common,
  platform: "browser",
  target: "es2022",
  format: "iife",
  outdir: "dist/webview",
  entryPoints: { main: "webview/main.ts", style: "webview/style.css" },
  tsconfig: "webview/tsconfig.json",
};

// A development build leaves maps behind, which must not ship.
if (production) for (const file of maps("dist")) rmSync(file);
for (const options of [node, browser]) {
  options.entryPoints = Object.fromEntries(Object.entries(options.entryPoints).filter(([, file]) => existsSync(file)));
  if (Object.keys(options.entryPoints).length === 0) continue;
  if (watch) await (await context(options)).watch();
  else await build(options);
}
