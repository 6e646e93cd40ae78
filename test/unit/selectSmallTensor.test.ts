/** A small tensor's trim rules by sorting are those that the histograms find. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { encode } from "../../src/engine/format/encode";
import type { RawChunk } from "../../src/engine/kernels/rawChunk";
import { countMagnitudes, countsLength } from "../../src/engine/merge/magnitudeWindow";
import { endOfEqual, Selection } from "../../src/engine/merge/select";
import { selectSmallTensor } from "../../src/engine/merge/selectSmallTensor";
import type { TrimRule } from "../../src/engine/merge/trim";
import { allocateValues, type Values } from "../../src/engine/merge/values";
import type { FloatDtype } from "../../src/protocol/mergeSet";

function chunkOf(base: number[], model: number[], dtype: FloatDtype): RawChunk {
  const input = (values: number[]) => {
    const bytes = new Uint8Array(8 * values.length);
    encode(dtype, Float64Array.from(values), bytes, values.length);
    return { dtype, bytes };
  };
  return { count: base.length, start: 0, base: input(base), models: [input(model)], wide: dtype === "F64" };
}

/** The rule that Selection finds for these task vectors. */
function byHistograms(values: Values, density: number, ties: "inclusive" | "exact", wide: boolean): TrimRule {
  const selection = new Selection(values.length, density, ties, wide);
  for (let window = selection.nextWindow(); window; window = selection.nextWindow()) {
    const counts = new Uint32Array(countsLength(window));
    countMagnitudes(values, values.length, window, counts);
    selection.take(counts);
  }
  const place = selection.tiesToPlace();
  return selection.rule(place ? endOfEqual(values, values.length, place.threshold, place.keep) : undefined);
}

const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2, -2, 0.5),
  fc.integer({ min: -1000, max: 1000 }).map((n) => n / 64),
);
const pairs = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 60 });

for (const dtype of ["F32", "F64"] as const) {
  it(`for ${dtype}, any density, both ways to cut ties`, () => {
    fc.assert(
      fc.property(
        pairs,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom("inclusive" as const, "exact" as const),
        (entries, density, ties) => {
          const [base, model] = [entries.map(([b]) => b), entries.map(([, m]) => m)];
          const wide = dtype === "F64";
          const taskVector = allocateValues(base.length, wide);
          for (let i = 0; i < base.length; i++) taskVector[i] = (model[i] ?? 0) - (base[i] ?? 0);
          expect(selectSmallTensor(chunkOf(base, model, dtype), [density], ties, "error")).toEqual([
            byHistograms(taskVector, density, ties, wide),
          ]);
        },
      ),
      { numRuns: 500 },
    );
  });
}

it("says where an input is not finite: the base first, then the model", () => {
  expect(selectSmallTensor(chunkOf([1, NaN], [Infinity, 1], "F32"), [0.5], "exact", "error")).toEqual({
    model: -1,
    index: 1,
  });
  expect(selectSmallTensor(chunkOf([1, 2, 3], [1, 2, -Infinity], "F32"), [0.5], "exact", "error")).toEqual({
    model: 0,
    index: 2,
  });
});

it("under keep-base, an entry that is not finite somewhere counts as one that does not move", () => {
  const chunk = chunkOf([1, Infinity, 3, 4], [NaN, 9, 7, 5], "F32");
  // |τ| is 0, 0, 4, 1: half of it is the last two.
  expect(selectSmallTensor(chunk, [0.5], "exact", "keep-base")).toEqual([{ threshold: 1, tieEnd: Infinity }]);
});
