/** The resolved recipe says everything: read again it is the same merge set. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { mergeSetProblems } from "../../src/engine/plan/mergeSetProblems";
import type { MergeSetInput, SliceInput } from "../../src/engine/plan/mergeSetInput";
import { parseRecipe } from "../../src/engine/plan/recipe";
import { recipeYaml } from "../../src/engine/plan/resolvedRecipe";
import { COMPATS, FLOAT_DTYPES, METHODS, takesWeights, TRIM_SCOPES } from "../../src/protocol/mergeSet";
import type { Setting } from "../../src/protocol/mergeSet";
import { recipeOptions } from "../fixtures/recipeOptions";

// A path may hold whatever a file system allows: quotes, colons, line feeds, words that YAML reads as something else.
const path = fc
  .array(
    fc.oneof(
      fc.string({ minLength: 1, unit: "binary" }),
      fc.constantFrom("yes", "1e3", "null", "a: b", "- x", "#", "é\n"),
    ),
    {
      minLength: 1,
    },
  )
  .map((parts) => `/${parts.join("/")}`);
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const globs = fc.array(fc.string({ minLength: 1, unit: "binary" }), { maxLength: 3 });

const share = fc.double({ min: 0, max: 1, noNaN: true });
const settingOf = (value: fc.Arbitrary<number>): fc.Arbitrary<Setting | undefined> => {
  const layerValue = fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 4 }));
  const filter = fc.constantFrom("mlp", "0.", "attn", "a: b", "#", "'", "null", "1e3", undefined);
  const filters = fc.array(
    fc
      .record({ filter, value: layerValue })
      .map((entry) => (entry.filter === undefined ? { value: entry.value } : entry)),
    { minLength: 1, maxLength: 4 },
  );
  return fc.oneof({ weight: 4, arbitrary: maybe(value) }, { weight: 3, arbitrary: fc.oneof(layerValue, filters) });
};
const truths: fc.Arbitrary<Setting<boolean> | undefined> = fc.oneof(
  maybe(fc.boolean()),
  fc.array(fc.record({ filter: fc.constantFrom("mlp", "attn"), value: fc.boolean() }), { minLength: 1, maxLength: 2 }),
);
const slices: fc.Arbitrary<SliceInput[] | undefined> = maybe(
  fc.array(
    fc.record({
      length: fc.integer({ min: 1, max: 9 }),
      models: fc.array(fc.record({ weight: settingOf(number), density: settingOf(share) }), { maxLength: 4 }),
      weight: settingOf(number),
      lambda: settingOf(number),
      normalize: truths,
    }),
    { minLength: 1, maxLength: 3 },
  ),
).map((all) => {
  let next = 0;
  return all?.map(({ length, ...slice }) => ({ ...slice, layers: [next, (next += length)] as [number, number] }));
});

const input: fc.Arbitrary<MergeSetInput> = fc.record({
  // The methods that refuse most weights have cases of their own below.
  method: fc.constantFrom(...METHODS.filter((method) => method !== "fisher" && takesWeights(method))),
  compat: fc.constantFrom(...COMPATS),
  base: fc.oneof(path, fc.constant("/base")),
  models: fc.array(
    fc.record({
      path: fc.oneof(path, fc.constant("/base")),
      weight: settingOf(number),
      density: settingOf(share),
      fisher: path,
      gram: path,
    }),
    { minLength: 1, maxLength: 4 },
  ),
  normalizeFisher: maybe(fc.boolean()),
  alpha: maybe(share),
  gamma: maybe(share),
  epsilon: maybe(fc.double({ min: 0, max: 0.1, noNaN: true })),
  seed: maybe(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  weight: settingOf(number),
  density: settingOf(share),
  lambda: settingOf(number),
  slices,
  rules: fc.record({
    trimScope: maybe(fc.constantFrom(...TRIM_SCOPES)),
    trimTies: maybe(fc.constantFrom("inclusive", "exact")),
    signConsensus: maybe(fc.constantFrom("mass", "frequency")),
    zeroSign: maybe(fc.constantFrom("majority", "positive")),
    weights: maybe(fc.constantFrom("before", "after")),
    merge: maybe(fc.constantFrom("mean", "sum")),
  }),
  normalize: truths,
  include: maybe(globs),
  exclude: maybe(globs),
  nonFinite: maybe(fc.constantFrom("error", "keep-base")),
  nonFloat: maybe(fc.constantFrom("error", "base")),
  vocab: maybe(fc.constantFrom("error", "common")),
  missing: maybe(fc.constantFrom("error", "base")),
  outDtype: fc.constantFrom(...FLOAT_DTYPES, null),
});
const differs = (values: readonly string[]): boolean => new Set(values).size === values.length;
const goodInput = input.filter(
  (candidate) =>
    mergeSetProblems(candidate).length === 0 &&
    // In slices, as in mergekit, a model is named by its path.
    (candidate.slices === undefined || differs(candidate.models.map(({ path }) => path))),
);

describe("the resolved recipe", () => {
  it("gives the same merge set", () => {
    fc.assert(
      fc.property(goodInput, (candidate) => {
        const set = createMergeSet(candidate);
        expect(parseRecipe(recipeYaml(set), recipeOptions)).toEqual(set);
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same merge set for an average without a base", () => {
    const set = createMergeSet({ method: "linear", models: [{ path: "/a" }, { path: "/b", weight: 3 }] });
    expect(parseRecipe(recipeYaml(set), recipeOptions)).toEqual(set);
  });
});

describe("the resolved recipe of statistics", () => {
  const models = [
    { path: "/a", fisher: "/a/f", gram: "/a/g" },
    { path: "/b", fisher: "/b/f", gram: "/b/g" },
  ];
  it.each<Partial<MergeSetInput>>([
    { method: "fisher", normalizeFisher: true, weight: [0, 1] },
    { method: "fisher", slices: [0, 1].map((from) => ({ layers: [from, from + 1], models: [], weight: from + 1 })) },
    { method: "regmean", base: "/base", alpha: 0.5 },
  ])("gives the same merge set: %j", (rest) => {
    const set = createMergeSet({ models, ...rest });
    expect(parseRecipe(recipeYaml(set), recipeOptions)).toEqual(set);
  });
});

describe("a merge set", () => {
  it("made of a merge set is that set", () => {
    fc.assert(
      fc.property(goodInput, (candidate) => {
        const set = createMergeSet(candidate);
        expect(createMergeSet(set)).toEqual(set);
      }),
    );
  });
});

describe("the resolved recipe of methods that find the weights themselves", () => {
  const models = [{ path: "/a" }, { path: "/b" }];
  const slices = [0, 1].map((from) => ({ layers: [from, from + 1] as [number, number], models: [], t: from }));
  const gradient = [{ filter: "mlp", value: [0, 1] }, { value: 0.25 }];
  it.each<Partial<MergeSetInput>>([
    { method: "slerp" },
    { method: "slerp", base: "/b", t: gradient },
    { method: "slerp", base: "/b", models: [{ path: "/a" }], slices },
    { method: "model_stock", base: "/base", lambda: [0, 1] },
    { method: "model_stock", base: "/base", filterWise: true },
    { method: "sce", base: "/base" },
    { method: "sce", base: "/base", compat: "mergekit", selectTopk: gradient, lambda: 0.5 },
    { method: "sce", base: "/base", slices: slices.map(({ layers }, at) => ({ layers, models: [], selectTopk: at })) },
  ])("gives the same merge set: %j", (rest) => {
    const set = createMergeSet({ models, ...rest });
    expect(parseRecipe(recipeYaml(set), recipeOptions)).toEqual(set);
    expect(createMergeSet(set)).toEqual(set);
  });
});
