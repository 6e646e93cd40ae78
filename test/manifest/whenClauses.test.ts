import { expect, it } from "vitest";
import { hostCalls, literal, manifest } from "./manifest";

/** Context keys of the editor that may stand in our when-clauses. */
const EDITOR_KEYS = [
  "explorerResourceIsFolder",
  "resourcePath",
  "resourceExtname",
  "resourceFilename",
  "isWorkspaceTrusted",
];

const clauses = Object.values(manifest.contributes.menus)
  .flat()
  .flatMap(({ when }) => when ?? []);

it("uses only keys that the editor or the extension sets", () => {
  const set = hostCalls()
    .filter((call) => call.callee === "vscode.commands.executeCommand" && literal(call.arguments[0]) === "setContext")
    .map((call) => literal(call.arguments[1]));
  const keys = clauses
    .map((clause) => clause.replace(/=~ \/[^/]*\//g, ""))
    .flatMap((clause) => clause.match(/(?<![.\w])[A-Za-z][\w.]*/g) ?? [])
    .filter((key) => key !== "in");
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !EDITOR_KEYS.includes(key) && !set.includes(key))).toEqual([]);
  expect(set.filter((key) => !keys.includes(key ?? ""))).toEqual([]);
});

it("offers the merge only in trusted workspaces", () => {
  const merge = manifest.contributes.menus["explorer/context"]?.find(({ command }) => command === "tiesMerge.merge");
  expect(merge?.when).toMatch(/^isWorkspaceTrusted && \(/);
});
