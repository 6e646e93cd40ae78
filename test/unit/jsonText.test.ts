import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonText } from "../../src/cli/jsonText";

it("is in parts what JSON.stringify writes at once", () => {
  const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
  fc.assert(
    fc.property(value, (json) => {
      expect([...jsonText(json)].join("")).toBe(`${JSON.stringify(json, null, 2)}\n`);
    }),
  );
});

it("leaves out what is undefined, and cuts between the tensors of a report", () => {
  const tensors = [{ name: "a\nb" }, { name: "c" }];
  const parts = [...jsonText({ format: "f", missing: undefined, report: { tensors } })];
  expect(parts.join("")).toBe(`${JSON.stringify({ format: "f", report: { tensors } }, null, 2)}\n`);
  expect(parts.filter((part) => part.includes('"name"'))).toHaveLength(2);
});
