import { expect, it } from "vitest";
import { ERROR_TEXT } from "../../src/protocol/errorText";
import { hostCalls, literal, readStrings } from "./manifest";

const japanese = readStrings("media/l10n/bundle.l10n.ja.json");

const errorTemplates = Object.values(ERROR_TEXT).flatMap((texts) => Object.values(texts));

const calls = hostCalls().filter(({ callee }) => callee === "vscode.l10n.t");

it("passes only literals to l10n.t, but for the error table's templates", () => {
  const others = calls.filter((call) => literal(call.arguments[0]) === undefined).map(({ file }) => file);
  expect(others).toEqual(["src/host/failure.ts"]);
});

it("has a Japanese text for every visible string, and none that is not used", () => {
  const hostStrings = calls.flatMap((call) => literal(call.arguments[0]) ?? []);
  const needed = new Set([...errorTemplates, ...hostStrings]);
  expect([...needed].filter((text) => !japanese[text])).toEqual([]);
  expect(Object.keys(japanese).filter((text) => !needed.has(text))).toEqual([]);
});

it("keeps the placeholders in the translations", () => {
  const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const [english, translation] of Object.entries(japanese)) {
    expect(placeholders(translation), english).toEqual(placeholders(english));
  }
});
