/** Recipes of the methods that need statistics: where their files may stand, and what is refused. */
import { describe, expect, it } from "vitest";
import { checkRecipe, parseRecipe } from "../../src/engine/plan/recipe";
import { recipeOptions } from "../fixtures/recipeOptions";

const problemsOf = (text: string): string[] =>
  checkRecipe(text, recipeOptions).problems.map(({ line, column, severity, message }) => {
    return `${line}:${column} ${severity}: ${message}`;
  });

const model = (path: string, more: string): string => `  - {model: ${path}, ${more}}\n`;
const FISHER = `merge_method: fisher\nmodels:\n${model("a", "fisher: f.st")}${model("b", "parameters: {fisher: g.st}")}`;
const REGMEAN = `merge_method: regmean\nmodels:\n${model("a", "gram: f.st")}${model("b", "gram: g.st")}`;

describe("statistics", () => {
  it("stand beside the model or under its parameters", () => {
    const { models } = parseRecipe(FISHER, recipeOptions);
    expect(models.map(({ fisher }) => fisher)).toEqual(["/recipes/f.st", "/recipes/g.st"]);
  });

  it("are named in one slice of several", () => {
    const slice = (from: number, more: string): string =>
      `  - sources:\n      - {model: a, layer_range: [${from}, ${from + 1}]${more}}\n`;
    const text = (second: string): string =>
      `merge_method: fisher\nslices:\n${slice(0, ", fisher: f.st")}${slice(1, second)}`;
    expect(parseRecipe(text(", parameters: {weight: 2}"), recipeOptions).models[0]?.fisher).toBe("/recipes/f.st");
    expect(problemsOf(text(", fisher: g.st"))).toEqual([
      "6:9 error: a model has one file of `fisher` for all slices, and another slice names /recipes/f.st",
    ]);
  });

  it("are missing at the model that needs them", () => {
    expect(problemsOf(FISHER.replace("parameters: {fisher: g.st}", "parameters: {weight: 1}"))).toEqual([
      "4:5 error: `fisher` needs `fisher` for b: the safetensors file with its Fisher values",
    ]);
  });

  it("are looked for", () => {
    const exists = (path: string): boolean => !path.endsWith("g.st");
    const { problems } = checkRecipe(REGMEAN, { ...recipeOptions, exists });
    expect(problems.map(({ line, message }) => [line, message])).toEqual([[4, "there is no file at /recipes/g.st"]]);
  });

  it("have no effect on other methods, which is told", () => {
    const text = `merge_method: linear\nmodels:\n${model("a", "fisher: f.st")}parameters: {alpha: 0.5}\n`;
    expect(problemsOf(text)).toEqual([
      "3:16 warning: `fisher` has no effect on `linear`",
      "4:14 warning: `alpha` has no effect on `linear`",
    ]);
  });
});

describe("weights", () => {
  it("of Fisher merging may be gradients, and none is below 0", () => {
    expect(
      parseRecipe(`${FISHER}parameters: {weight: [0, 1]}\n`, recipeOptions).slices?.[0]?.models[0]?.weight,
    ).toEqual([0, 1]);
    expect(problemsOf(`${FISHER}parameters: {weight: [1, -0.5]}\n`)).toEqual([
      "5:26 error: `fisher` takes no weight below 0, such as -0.5",
    ]);
    expect(problemsOf(`${FISHER}parameters: {weight: 0}\n`)).toEqual([
      expect.stringContaining("error: all weights are 0: there is nothing to merge"),
    ]);
  });

  it("of RegMean are refused", () => {
    expect(problemsOf(`${REGMEAN}parameters: {weight: 2, alpha: 1.5}\n`)).toEqual([
      "5:22 error: `regmean` takes no weights: the Gram matrices weigh the models; leave `weight` out",
      "5:32 error: alpha must be from 0 to 1, not 1.5",
    ]);
  });
});
