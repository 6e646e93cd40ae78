import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { manifest, readStrings, ROOT, stringsIn } from "./manifest";

const LANGUAGES = ["package.nls.json", "package.nls.ja.json"];

const usedKeys = stringsIn(manifest)
  .flatMap((text) => /^%(.+)%$/.exec(text)?.[1] ?? [])
  .sort();

it.each(LANGUAGES)("%s has a text for every %key% and no other", (file) => {
  expect(Object.keys(readStrings(file)).sort()).toEqual([...new Set(usedKeys)]);
});

it("leaves no visible text of the contributions untranslated", () => {
  const visible = new Set(["title", "description", "markdownDescription", "patternErrorMessage"]);
  const untranslated: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (visible.has(key) && typeof child === "string" && !/^%.+%$/.test(child)) untranslated.push(child);
      visit(child);
    }
  };
  visit(manifest.contributes);
  // The program's name is the same in every language.
  expect(untranslated.filter((text) => text !== "TIES Merge")).toEqual([]);
});

it.each(LANGUAGES)("%s names walkthrough pages that exist", (file) => {
  const pages = Object.entries(readStrings(file)).filter(([key]) => key.endsWith(".page"));
  expect(pages.length).toBeGreaterThan(0);
  for (const [, page] of pages) expect(existsSync(join(ROOT, page)), page).toBe(true);
});

it("names an icon and a folder of translations that exist", () => {
  expect(existsSync(join(ROOT, manifest.icon))).toBe(true);
  expect(existsSync(join(ROOT, manifest.l10n, "bundle.l10n.ja.json"))).toBe(true);
});
