/** Ranks in a row against their definition, for rows that are compared and rows whose digits are counted. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { allocateRankScratch, placeOf, rankRow } from "../../src/engine/merge/rankRow";

const value = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, 2 ** -149, -3.4028234663852886e38),
);

it.each([
  ["float32", Float32Array],
  ["float64", Float64Array],
] as const)("is the number of smaller magnitudes, and of equal ones before: %s", (_, make) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(value, { minLength: 1, maxLength: 40 }),
        fc.array(value, { minLength: 512, maxLength: 700, size: "max" }),
      ),
      (values) => {
        const row = make.from(values);
        const out = new Uint32Array(row.length);
        rankRow(row, row.length, allocateRankScratch(row.length), out);
        const order = Array.from(row, (x, i) => [Math.abs(x), i] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        order.forEach(([, at], rank) => expect(out[at]).toBe(rank));
      },
    ),
    { numRuns: 40 },
  );
});

it("has places from 0 to 1, and the only entry in the middle", () => {
  expect([0, 1, 2].map((rank) => placeOf(rank, 3))).toEqual([0, 0.5, 1]);
  expect(placeOf(0, 1)).toBe(0.5);
});
