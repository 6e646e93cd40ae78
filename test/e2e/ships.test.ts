import { builtinModules } from "node:module";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, inject, test } from "vitest";

/** All bundles together: a vsix is downloaded by everyone. */
const MAX_BYTES = 3_000_000;

const SHIPPED = [
  "LICENSE.txt",
  "changelog.md",
  "dist/cli.js",
  "dist/computeWorker.js",
  "dist/engineWorker.js",
  "dist/extension.js",
  "dist/webview/main.js",
  "dist/webview/report.css",
  "dist/webview/reportHost.js",
  "dist/webview/style.css",
  "media/icon.png",
  "media/icon.svg",
  "media/l10n/bundle.l10n.ja.json",
  "media/l10n/webview.ja.json",
  "media/recipe.schema.json",
  "media/walkthrough/checkpoints.ja.md",
  "media/walkthrough/checkpoints.md",
  "media/walkthrough/inspect.ja.md",
  "media/walkthrough/inspect.md",
  "media/walkthrough/merge.ja.md",
  "media/walkthrough/merge.md",
  "package.json",
  "package.nls.ja.json",
  "package.nls.json",
  "readme.md",
];

const extension = (): string => inject("extension");

function installedFiles(): string[] {
  return readdirSync(extension(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(extension(), join(entry.parentPath, entry.name)))
    .filter((file) => file !== ".vsixmanifest")
    .sort();
}

test("the package holds just what it needs", () => {
  expect(installedFiles()).toEqual([...SHIPPED].sort());
});

test("the package is small", () => {
  const bytes = installedFiles().reduce((sum, file) => sum + statSync(join(extension(), file)).size, 0);
  expect(bytes).toBeLessThan(MAX_BYTES);
});

test("the bundles are those of production", () => {
  const bundles = installedFiles().filter((file) => file.startsWith("dist/"));
  const withSourceMap = bundles.filter((file) =>
    /^\/\/# sourceMappingURL=/m.test(readFileSync(join(extension(), file), "utf8")),
  );
  expect(withSourceMap).toEqual([]);
});

test("the bundles need no packages beside them", () => {
  const isOwn = (name: string): boolean =>
    name === "vscode" || name.startsWith("node:") || builtinModules.includes(name);
  const needed = ["cli", "computeWorker", "engineWorker", "extension"].flatMap((name) => {
    const code = readFileSync(join(extension(), `dist/${name}.js`), "utf8");
    return [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, module = ""]) => module);
  });
  expect(needed.filter((name) => !isOwn(name))).toEqual([]);
});
