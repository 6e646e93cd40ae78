/** Whatever window a selection begins with, it finds the trim rule that sorting finds. */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  countMagnitudes,
  countsLength,
  listOf,
  windowBetween,
  type ListWindow,
  type NarrowWindow,
} from "../../src/engine/merge/magnitudeWindow";
import { endOfEqual, Selection } from "../../src/engine/merge/select";
import { KEEP_ALL, KEEP_NONE, type TrimRule } from "../../src/engine/merge/trim";

function bySorting(values: Float32Array, density: number, ties: "inclusive" | "exact"): TrimRule {
  const keep = Math.floor(values.length * density);
  if (keep >= values.length) return KEEP_ALL;
  if (ties === "exact" && keep === 0) return KEEP_NONE;
  const descending = values.map(Math.abs).sort().reverse();
  if (ties === "inclusive") return { threshold: descending[keep], tieEnd: Infinity };
  const threshold = descending[keep - 1];
  const stay = keep - descending.indexOf(threshold);
  const equal = descending.filter((value) => value === threshold).length;
  return { threshold, tieEnd: stay === equal ? Infinity : endOfEqual(values, values.length, threshold, stay) };
}

const value = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2 ** -149, -(2 ** -140), 3e38, 0.5),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -20, max: 20 }),
);
const bits = fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 0x3f00_0000, max: 0x4200_0000 }));
const window = fc
  .tuple(bits, bits, fc.constantFrom(1, 7, 2 ** 18))
  .map(([a, b, most]) => windowBetween(Math.min(a, b), Math.max(a, b) + 1, most))
  .chain((narrow) =>
    fc.constantFrom<NarrowWindow | ListWindow>(narrow, listOf(narrow), { ...listOf(narrow), buckets: 3 }),
  );

it("for any first window, density and way to cut ties", () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 80 }).map((entries) => Float32Array.from(entries)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom("inclusive" as const, "exact" as const),
      fc.option(window),
      (values, density, ties, guess) => {
        const selection = new Selection(values.length, density, ties, false, guess);
        let passes = 0;
        for (let next = selection.nextWindow(); next; next = selection.nextWindow()) {
          const counts = new Uint32Array(countsLength(next));
          countMagnitudes(values, values.length, next, counts);
          selection.take(counts);
          passes++;
        }
        const place = selection.tiesToPlace();
        const end = place ? endOfEqual(values, values.length, place.threshold, place.keep) : undefined;
        expect(selection.rule(end)).toEqual(bySorting(values, density, ties));
        expect(passes).toBeLessThanOrEqual(guess ? 5 : 3);
      },
    ),
    { numRuns: 2000 },
  );
});
