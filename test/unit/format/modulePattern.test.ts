/** Patterns of an adapter's config over module names: Python's meaning, and nothing that keeps the program busy. */
import { describe, expect, it } from "vitest";
import { modulePattern } from "../../../src/engine/format/peft/modulePattern";

const matches = (pattern: string, name: string): boolean | undefined => modulePattern(pattern, true)?.(name);

describe("a pattern", () => {
  it.each([
    ["q_proj", "model.layers.0.q_proj", true],
    ["q_proj", "model.layers.0.my_q_proj", false],
    ["layers.0.q", "model.layers.0.q", true],
    ["layers\\.(0|11)\\.(?:q|v)", "layers.11.v", true],
    ["layers\\.(0|11)\\.(?:q|v)", "layers.1.v", false],
    [".*\\.[0-3]\\.mlp\\.\\w+", "h.2.mlp.c_fc", true],
    ["^layers.0.q$", "layers.0.q", true],
    ["a|b", "x.b", true],
  ])("%s at %s: %s", (pattern, name, expected) => expect(matches(pattern, name)).toBe(expected));

  it.each(["(a+)+", "(.*)*", "(?=a)", "a{1,99}", "\\1", ".*.*.*.*.*", "(", "x".repeat(2000)])(
    "is refused where it is not understood or could run on and on: %s",
    (pattern) => expect(modulePattern(pattern, true)).toBeUndefined(),
  );

  it("of the whole name begins at its beginning", () => {
    expect(modulePattern("b", false)?.("a.b")).toBe(false);
    expect(modulePattern(".*b", false)?.("a.b")).toBe(true);
  });
});
