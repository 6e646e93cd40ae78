/** Every string that the panel shows has a Japanese translation with the same placeholders, and none is left over. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");

function shownStrings(): string[] {
  const files = readdirSync(path.join(ROOT, "webview"), { recursive: true, encoding: "utf8" });
  const sources = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(path.join(ROOT, "webview", file), "utf8"));
  const found = sources.flatMap((source) => [...source.matchAll(/(?<![\w.])t\(\s*("(?:[^"\\]|\\.)*")/g)]);
  return [...new Set(found.map((match) => JSON.parse(match[1]!) as string))];
}

const japanese = JSON.parse(readFileSync(path.join(ROOT, "media/l10n/webview.ja.json"), "utf8")) as Record<
  string,
  string
>;
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test("the panel's strings and their translations are the same set", () => {
  const shown = shownStrings();
  expect(shown.length).toBeGreaterThan(50);
  expect(Object.keys(japanese).sort()).toEqual(shown.sort());
});

test("a translation has the placeholders of its original", () => {
  for (const [english, translated] of Object.entries(japanese)) {
    expect(placeholders(translated), english).toEqual(placeholders(english));
    expect(translated.trim(), english).not.toBe("");
  }
});
