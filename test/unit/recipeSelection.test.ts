/** Flags alone, and flags above a recipe. */
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../../src/engine/plan/recipe";
import { mergeSetFromSelection, withSelection } from "../../src/engine/plan/selection";
import type { Selection } from "../../src/engine/plan/selection";
import { PRESETS } from "../../src/protocol/mergeSet";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { expectCode } from "../fixtures/expectCode";
import { recipeOptions } from "../fixtures/recipeOptions";

const RECIPE = `merge_method: ties
base_model: base
models:
  - {model: a, parameters: {density: 0.4, weight: 2}}
  - {model: b}
parameters: {density: 0.6, trim_scope: model, zero_sign: majority, lambda: 0.5, exclude: [lm_head.*]}
`;

const above = (selection: Selection, recipe = RECIPE): MergeSet =>
  parseRecipe(recipe, { ...recipeOptions, override: (input) => withSelection(input, selection) });

describe("flags alone", () => {
  it("take the paper's rules", () => {
    const set = mergeSetFromSelection({ base: "/base", models: [{ path: "/a" }, { path: "/b", weight: 0.5 }] });
    expect(set).toMatchObject({ method: "ties", compat: "reference", lambda: 1, rules: PRESETS.reference });
    expect(set.models).toEqual([
      { path: "/a", name: "a", weight: 1, density: 0.2 },
      { path: "/b", name: "b", weight: 0.5, density: 0.2 },
    ]);
  });

  it("without a base or models are refused with all that is missing", () => {
    const { details } = expectCode("merge-set-invalid", () => mergeSetFromSelection({ density: 2 }));
    expect(details.count).toBe(3);
    expect(details.list).toBe(
      "`ties` needs a base model; at least one model is needed; density must be from 0 to 1, not 2",
    );
  });
});

describe("flags above a recipe", () => {
  it("leave what they do not name", () => {
    expect(above({})).toEqual(parseRecipe(RECIPE, recipeOptions));
  });

  it("give every model one density", () => {
    expect(above({ density: 0.1 }).models.map(({ density }) => density)).toEqual([0.1, 0.1]);
  });

  it("replace the models, the base, λ and the patterns", () => {
    const set = above({ base: "/other", models: [{ path: "/c" }], lambda: 2, exclude: ["x*"] });
    expect(set.base).toBe("/other");
    expect(set.models).toEqual([{ path: "/c", name: "c", weight: 1, density: 0.6 }]);
    expect([set.lambda, set.exclude]).toEqual([2, ["x*"]]);
  });

  it("bring the preset's rules in place of the recipe's own", () => {
    expect(above({ compat: "peft" }).rules).toEqual(PRESETS.peft);
    expect(above({ compat: "peft", trimScope: "model" }).rules).toEqual({ ...PRESETS.peft, trimScope: "model" });
  });

  it("change one rule and leave the others", () => {
    expect(above({ trimScope: "tensor" }).rules).toEqual({ ...PRESETS.mergekit, zeroSign: "majority" });
  });

  it("change the method", () => {
    expect(above({ method: "task_arithmetic" })).toMatchObject({ method: "task_arithmetic", normalize: false });
  });

  it("supply what the recipe leaves out", () => {
    const set = above({ method: "ties", base: "/base", models: [{ path: "/a" }] }, "parameters: {lambda: 3}\n");
    expect(set).toMatchObject({ base: "/base", lambda: 3, compat: "mergekit" });
  });
});
