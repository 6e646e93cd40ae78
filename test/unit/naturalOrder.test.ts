import fc from "fast-check";
import { expect, it } from "vitest";
import { compareNaturally, naturalOrder } from "../../src/protocol/naturalOrder";

const collator = new Intl.Collator("en", { numeric: true });
const part = fc.oneof(
  fc.constantFrom(
    "layers",
    "layer",
    "mlp",
    "Mlp",
    "q_proj",
    "q-proj",
    "ä",
    "experts",
    "weight",
    "w",
    "ffn_2",
    "0",
    "00",
  ),
  fc.nat(1200).map(String),
);
const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));
const joined = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));

it("names stand in the order of a collator that knows numbers", () => {
  const either = fc.oneof(name, joined);
  fc.assert(
    fc.property(either, either, (a, b) => {
      expect(Math.sign(compareNaturally(a, b))).toBe(Math.sign(collator.compare(a, b)));
    }),
    { numRuns: 5000 },
  );
});

it("layer 2 stands before layer 10", () => {
  const names = ["layers.10.b", "layers.2.b", "layers.2.a", "layers.1.b"];
  expect(names.sort(compareNaturally)).toEqual(["layers.1.b", "layers.2.a", "layers.2.b", "layers.10.b"]);
});

it("all names at once stand in the same order, whatever their beginnings", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(name, joined), { maxLength: 40 }), (names) => {
      const order = naturalOrder(names);
      expect([...order].sort((a, b) => a - b)).toEqual([...names.keys()]);
      for (let at = 1; at < order.length; at++) {
        expect(collator.compare(names[order[at - 1]!]!, names[order[at]!]!)).toBeLessThanOrEqual(0);
      }
    }),
    { numRuns: 2000 },
  );
});

it("a beginning that is another's beginning may stand among its names", () => {
  const names = ["norm.weight", "norm.layers.0.w", "norm.layers.1.w", "norm.bias"];
  expect(naturalOrder(names).map((at) => names[at])).toEqual([
    "norm.bias",
    "norm.layers.0.w",
    "norm.layers.1.w",
    "norm.weight",
  ]);
});
