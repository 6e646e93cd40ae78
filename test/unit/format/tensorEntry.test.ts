import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareNames, printableName } from "../../../src/engine/format/tensorEntry";

describe("compareNames", () => {
  it("orders by code point, as sorting the UTF-8 bytes does", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "\ue000", "\uffff", "😀", "\ud7ff", "0"), maxLength: 5 });
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(
          Buffer.compare(new TextEncoder().encode(a), new TextEncoder().encode(b)),
        );
      }),
    );
  });
});

describe("printableName", () => {
  it("leaves usual names alone, escapes control and direction characters, and shortens", () => {
    expect(printableName("model.layers.0.モデル_weight")).toBe("model.layers.0.モデル_weight");
    expect(printableName("a\u001b]0;x\u0007\u202e\ud800")).toBe("a\\u001b]0;x\\u0007\\u202e\\ud800");
    expect(printableName("x".repeat(1000))).toHaveLength(201);
  });
});
