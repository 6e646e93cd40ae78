/** Slices that keep every layer where it is are a merge of whole models with parameters by layer; all others are refused. */
import { describe, expect, it } from "vitest";
import { checkRecipe, parseRecipe } from "../../src/engine/plan/recipe";
import { recipeOptions } from "../fixtures/recipeOptions";

const HEAD = "merge_method: ties\nbase_model: base\nslices:\n";
const slice = (range: string, models = ["base", "a", "b"], more = ""): string =>
  `  - sources:\n${models.map((model) => `      - {model: ${model}, layer_range: ${range}}\n`).join("")}${more}`;
const errorsOf = (text: string, names?: readonly string[]): string[] =>
  checkRecipe(text, { ...recipeOptions, ...(names && { tensorNames: () => names }) }).problems.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );

const layers = (count: number): string[] => Array.from({ length: count }, (_, i) => `model.layers.${i}.mlp.weight`);

describe("slices", () => {
  it("of all layers are the models", () => {
    const models = "merge_method: ties\nbase_model: base\nmodels: [{model: base}, {model: a}, {model: b}]\n";
    expect(parseRecipe(HEAD + slice("[0, 4]"), recipeOptions)).toEqual(parseRecipe(models, recipeOptions));
    expect(parseRecipe(HEAD + slice("[0, 2]") + slice("[2, 4]"), recipeOptions)).toEqual(
      parseRecipe(models, recipeOptions),
    );
  });

  it("have parameters of their own: of a source before the slice's, before those of all", () => {
    const text = `${HEAD}  - sources:
      - {model: a, layer_range: [0, 2], parameters: {weight: 0.1}}
      - {model: b, layer_range: [0, 2]}
    parameters: {weight: [0, 1], density: 0.5, lambda: 2}
  - sources:
      - {model: b, layer_range: [2, 4], parameters: {density: 0.3}}
      - {model: a, layer_range: [2, 4]}
parameters: {weight: 0.7, density: 0.9, lambda: 3, normalize: false}
`;
    expect(parseRecipe(text, recipeOptions)).toMatchObject({
      models: [{ path: "/recipes/a" }, { path: "/recipes/b" }],
      slices: [
        {
          layers: [0, 2],
          models: [
            { weight: 0.1, density: 0.5 },
            { weight: [0, 1], density: 0.5 },
          ],
          lambda: 2,
          normalize: false,
        },
        {
          layers: [2, 4],
          models: [
            { weight: 0.7, density: 0.9 },
            { weight: 0.7, density: 0.3 },
          ],
          lambda: 3,
          normalize: false,
        },
      ],
    });
  });

  it("add no base to an average", () => {
    const text = `${HEAD.replace("ties", "linear")}${slice("[0, 2]", ["a", "b"])}parameters: {weight: 1}\n`;
    expect(parseRecipe(text, recipeOptions).models.map(({ name }) => name)).toEqual(["a", "b"]);
  });
});

describe("slices that stack layers anew are refused", () => {
  it.each([
    ["layers left out", slice("[0, 2]") + slice("[3, 4]"), "9:36 layers cannot be moved, left out or repeated here"],
    ["layers twice", slice("[0, 2]") + slice("[1, 4]"), "9:36 layers cannot be moved, left out or repeated here"],
    ["the first layers left out", slice("[1, 4]"), "5:36 layers cannot be moved"],
    ["nothing", slice("[2, 2]"), "5:36 the layers end at 2"],
    [
      "other layers of another model",
      slice("[0, 2]", ["a"]) + "      - {model: b, layer_range: [2, 4]}\n",
      "6:33 all sources of a slice need the same layers, here [0, 2]",
    ],
    ["other models", slice("[0, 2]", ["a"]) + slice("[2, 4]", ["a", "c"]), "8:9 every slice needs the same models"],
    ["a model less", slice("[0, 2]", ["a", "b"]) + slice("[2, 4]", ["a"]), "7:5 every slice needs the same models"],
    ["a model twice", slice("[0, 2]", ["a", "b", "a"]), "7:9 this model stands in the slice a second time"],
    ["a range of three", slice("[0, 2, 3]", ["a"]), "5:33 `layer_range` must be two whole numbers"],
    ["half a layer", slice("[0, 2.5]", ["a"]), "5:33 `layer_range` must be two whole numbers"],
    ["no range", "  - sources: [{model: a}]\n", "4:15 a source needs the key `layer_range`"],
    ["no sources", "  - parameters: {weight: 1}\n", "4:5 a slice needs the key `sources`"],
    [
      "a base of its own",
      slice("[0, 2]", ["a"], "    base_model: b\n"),
      "6:5 `base_model`: a slice cannot have a base",
    ],
  ])("%s", (_, text, expected) => {
    const problems = errorsOf(HEAD + text).filter((problem) => !problem.includes("at least one model is needed"));
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it("layers at the end left out, once the checkpoint's are known", () => {
    const text = HEAD + slice("[0, 2]") + slice("[2, 4]");
    expect(errorsOf(text, layers(4))).toEqual([]);
    expect(errorsOf(text, layers(6))).toEqual([
      "9:36 the checkpoint has 6 layers, and the slices end at 4: every layer must keep its place",
    ]);
  });
});
