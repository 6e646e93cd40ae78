/** What to do about an error is said for the place where one reads it. */
import { expect, test } from "vitest";
import { describeError, describeInEditor } from "../../src/protocol/errorText";

const error = { code: "base-needed", details: { where: "" } } as const;

test("a set without a base: an option on the command line, the recipe or the dialog in the editor", () => {
  expect(describeError(error)).toContain("--base");
  const inEditor = describeInEditor(error, (template) => template);
  expect(inEditor).not.toContain("--");
  expect(inEditor).toContain("base_model in the recipe");
});

test("what is the same everywhere is said once, and translated", () => {
  const other = { code: "inspection-closed", details: { where: "" } } as const;
  expect(describeInEditor(other, (template) => template.toUpperCase())).toBe(describeError(other).toUpperCase());
});
