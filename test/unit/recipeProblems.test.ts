/** Everything wrong with a recipe is found in one go and named with its line and column. */
import { describe, expect, it } from "vitest";
import { checkRecipe, parseRecipe } from "../../src/engine/plan/recipe";
import type { RecipeProblem } from "../../src/engine/plan/recipeDocument";
import { describeError } from "../../src/protocol/errorText";
import { toErrorData } from "../../src/protocol/errors";
import { expectCode } from "../fixtures/expectCode";
import { recipeOptions } from "../fixtures/recipeOptions";

const errorsOf = (text: string): RecipeProblem[] =>
  checkRecipe(text, recipeOptions).problems.filter(({ severity }) => severity === "error");
const problemsOf = (text: string): string[] =>
  errorsOf(text).map(({ line, column, message }) => `${line}:${column} ${message}`);

const GOOD = "merge_method: ties\nbase_model: base\nmodels:\n  - model: a\n";

describe("positions", () => {
  it.each([
    ["a misspelt method", GOOD.replace("ties", "tis"), "1:15 unknown merge_method `tis`; did you mean `ties`?"],
    [
      "a method of another program",
      GOOD.replace("ties", "passthrough"),
      "1:15 unknown merge_method `passthrough`; known are",
    ],
    ["a misspelt key", `${GOOD}dtpye: float32\n`, "5:1 unknown key `dtpye`; did you mean `dtype`?"],
    ["a misspelt dtype", `${GOOD}dtype: blfoat16\n`, "5:8 unknown dtype `blfoat16`; did you mean `bfloat16`?"],
    ["a misspelt parameter", `${GOOD}parameters:\n  trim_scop: model\n`, "6:3 unknown key `trim_scop`; did you mean"],
    [
      "a misspelt rule",
      `${GOOD}parameters:\n  trim_scope: modle\n`,
      "6:15 unknown trim_scope `modle`; did you mean `model`?",
    ],
    [
      "an unknown preset",
      `${GOOD}parameters: {compat: mergkit}\n`,
      "5:22 unknown compat `mergkit`; did you mean `mergekit`?",
    ],
    [
      "a parameter in the wrong place",
      `${GOOD}    parameters: {lambda: 1}\n`,
      "5:18 unknown key `lambda`; known are weight, density",
    ],
    ["models and slices", `${GOOD}slices: []\n`, "5:1 a recipe has either `models` or `slices`, not both"],
    [
      "a gradient of nothing",
      `${GOOD}    parameters: {density: []}\n`,
      "5:27 `density`: a gradient needs at least one",
    ],
    ["a gradient above 1", `${GOOD}    parameters:\n      density: [1, 1.5]\n`, "6:20 density must be from 0 to 1"],
    ["a word in a gradient", `${GOOD}parameters: {weight: [1, x]}\n`, "5:26 `weight` must be a number"],
    ["a gradient of truth values", `${GOOD}parameters: {normalize: [yes, no]}\n`, "5:25 `normalize`: between true and"],
    [
      "a filter outside of a list",
      `${GOOD}parameters: {weight: {filter: a, value: 1}}\n`,
      "5:22 `weight`: filters stand",
    ],
    [
      "a filter's misspelt key",
      `${GOOD}parameters: {weight: [{fliter: a, value: 1}]}\n`,
      "5:24 unknown key `fliter`; did",
    ],
    [
      "a filter without value",
      `${GOOD}parameters: {weight: [{filter: a}]}\n`,
      "5:23 `weight`: a filter needs the key `value`",
    ],
    ["filters in a filter", `${GOOD}parameters: {weight: [{value: [{value: 1}]}]}\n`, "5:32 `weight` must be a number"],
    [
      "a filtered value out of range",
      `${GOOD}parameters: {density: [{value: 1}, {filter: a, value: [0, -1]}]}\n`,
      "5:59 density must be",
    ],
    ["a number among filters", `${GOOD}parameters: {weight: [{value: 1}, 2]}\n`, "5:35 `weight`: in a list of filters"],
    ["a rescale by filter", `${GOOD}parameters: {rescale: [{filter: a, value: true}]}\n`, "5:14 `rescale: true`"],
    ["a density above 1", `${GOOD}parameters:\n  density: 1.5\n`, "6:12 density must be from 0 to 1, not 1.5"],
    ["a negative density", `${GOOD}    parameters: {density: -0.1}\n`, "5:27 density must be from 0 to 1, not -0.1"],
    ["an endless weight", `${GOOD}    parameters: {weight: .inf}\n`, "5:26 weight must be a finite number"],
    ["a λ that is no number", `${GOOD}parameters:\n  lambda: .nan\n`, "6:11 lambda must be a finite number"],
    ["a text for a number", `${GOOD}parameters: {lambda: much}\n`, "5:22 `lambda` must be a number"],
    ["a text for a truth value", `${GOOD}parameters: {normalize: perhaps}\n`, "5:25 `normalize` must be true or false"],
    [
      "DARE without rescaling",
      `${GOOD.replace("ties", "dare_ties")}parameters: {rescale: false}\n`,
      "5:14 `rescale: false` cannot be honoured: DARE divides",
    ],
    [
      "a seed of more than 32 bits",
      `${GOOD.replace("ties", "dare_linear")}parameters: {seed: 4294967296}\n`,
      "5:20 seed must be a whole number from 0 to 4294967295",
    ],
    ["a seed that is not whole", `${GOOD.replace("ties", "dare_ties")}parameters: {seed: 0.5}\n`, "5:20 seed must be"],
    [
      "outliers of one model",
      `${GOOD.replace("ties", "breadcrumbs")}    parameters: {gamma: 0.1}\n`,
      "5:18 `gamma`: one for all models stands under the recipe's `parameters`",
    ],
    [
      "more outliers than all",
      `${GOOD.replace("ties", "breadcrumbs")}parameters: {gamma: 1.5}\n`,
      "5:21 gamma must be from 0 to 1, not 1.5",
    ],
    [
      "an arc of three",
      `${GOOD.replace("ties", "slerp")}  - model: b\n`,
      "4:3 `slerp` goes between two models, the base and one other; here are 3",
    ],
    [
      "more than the arc",
      `${GOOD.replace("ties", "slerp")}parameters: {t: [0, 1.5]}\n`,
      "5:21 t must be from 0 to 1, not 1.5",
    ],
    [
      "a weight on an arc",
      `${GOOD.replace("ties", "slerp")}    parameters: {weight: 2}\n`,
      "5:26 `slerp` takes no weights: `t` says how far it goes",
    ],
    [
      "a stock of one",
      GOOD.replace("ties", "model_stock"),
      "4:3 `model_stock` needs two models or more beside the base",
    ],
    ["a variance of one", GOOD.replace("ties", "sce"), "4:3 `sce` needs two models or more beside the base"],
    [
      "more than everything",
      `${GOOD.replace("ties", "sce")}  - model: b\nparameters: {select_topk: [0, 1.5]}\n`,
      "6:31 select_topk must be from 0 to 1, not 1.5",
    ],
    [
      "a weight beside squares",
      `${GOOD.replace("ties", "sce")}  - model: b\n    parameters: {weight: 2}\n`,
      "6:26 `sce` takes no weights: the squares of their task vectors weigh the models",
    ],
    [
      "a window beyond 0",
      `${GOOD.replace("ties", "della")}parameters: {density: 0.2, epsilon: 0.3}\n`,
      "5:37 density ± epsilon must be above 0 and below 1, and is 0.2 ± 0.3",
    ],
    ["rescaling", `${GOOD}parameters: {rescale: true}\n`, "5:14 `rescale: true` cannot be honoured"],
    ["a tokenizer of its own", `${GOOD}tokenizer_source: union\n`, "5:19 only `tokenizer_source: base`"],
    ["a base in parts", GOOD.replace("base\n", "{model: base}\n"), "2:13 `base_model` must be a text"],
    ["no base", GOOD.replace("base_model: base\n", ""), "1:1 `ties` needs a base model"],
    ["no method", GOOD.replace("merge_method: ties\n", ""), "1:1 `merge_method` is missing"],
    ["no models", "merge_method: linear\n", "1:1 at least one model is needed"],
    ["an empty list of models", "merge_method: linear\nmodels: []\n", "2:9 at least one model is needed"],
    [
      "the base alone",
      GOOD.replace("model: a", "model: base"),
      "4:3 the only model is the base itself: name a model that was made from it",
    ],
    ["a model without a path", `${GOOD}  - parameters: {weight: 1}\n`, "5:5 a model needs the key `model`"],
    [
      "weights that cancel",
      "merge_method: linear\nmodels:\n  - {model: a, parameters: {weight: -1}}\n  - model: b\n",
      "3:3 the weights add up to 0",
    ],
    ["an empty pattern", `${GOOD}parameters: {include: [""]}\n`, "5:24 each entry of `include` must be a text"],
    ["a key given twice", `${GOOD}base_model: other\n`, "5:1 this key stands here a second time"],
    ["two documents", `${GOOD}---\na: 1\n`, "5:1 a recipe is one YAML document"],
    ["an alias without anchor", `${GOOD}dtype: *nothing\n`, "5:8 there is no anchor `nothing`"],
    ["a merge of no mapping", `${GOOD}parameters: {<<: [1]}\n`, "5:14 `<<` merges mappings only"],
    ["a weight without a value", `${GOOD}    parameters: {weight: }\n`, "5:26 `weight` must be a number"],
    ["a tag", `${GOOD}dtype: !!python/object:os.system x\n`, "5:8 Unresolved tag"],
    ["a list", "- model: a\n", "1:1 a recipe is a mapping"],
    ["a plain word", "ties", "1:1 a recipe is a mapping"],
    ["an empty file", "", "1:1 a recipe is a mapping"],
    ["broken YAML", "models: [", "1:"],
  ])("are given for %s", (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });
});

describe("a recipe with several problems", () => {
  const text = "merge_method: tis\nmodels:\n  - modle: a\n  - model: b\n    parameters: {density: 7}\ndtype: f31\n";

  it("has all of them reported, in the order of its lines", () => {
    expect(problemsOf(text).map((problem) => problem.split(" ")[0])).toEqual(["1:15", "3:5", "3:5", "5:27", "6:8"]);
  });

  it("is one error that lists them as file:line:column", () => {
    const error = expectCode("recipe-invalid", () => parseRecipe(text, recipeOptions));
    const message = describeError(toErrorData(error));
    expect(message).toContain("Problems in the recipe: 5 (recipe.yml).");
    expect(message).toContain("\nrecipe.yml:3:5 unknown key `modle`; did you mean `model`?\n");
  });

  it("lists the first twenty and counts the others", () => {
    const many = GOOD + Array.from({ length: 30 }, (_, i) => `key${i}: 1\n`).join("");
    const { details } = expectCode("recipe-invalid", () => parseRecipe(many, recipeOptions));
    expect(String(details.list).split("\n")).toHaveLength(21);
    expect(details.list).toMatch(/and 10 more$/);
  });
});

describe("paths that are not there", () => {
  const missing = { ...recipeOptions, exists: () => false };

  it("are named with where they were looked for", () => {
    const { problems } = checkRecipe(GOOD, missing);
    expect(problems.map(({ line }) => line)).toEqual([2, 4]);
    expect(problems[1]?.message).toBe("there is no checkpoint at /recipes/a");
  });

  it.each([
    ["meta-llama/Llama-3-8B", "`hf download meta-llama/Llama-3-8B --local-dir Llama-3-8B`"],
    ["org/name@v1.0", "`hf download org/name --revision v1.0 --local-dir name`"],
  ])("that look like models of a hub are to be downloaded first: %s", (model, command) => {
    const { problems } = checkRecipe(GOOD.replace("model: a", `model: ${model}`), missing);
    expect(problems[1]?.message).toContain(command);
  });
});

describe("a model with more than a path", () => {
  const only = (...there: string[]) => ({ ...recipeOptions, exists: (path: string) => there.includes(path) });
  const check = (model: string, ...there: string[]): string[] =>
    checkRecipe(GOOD.replace("model: a", `model: "${model}"`), only("/recipes/base", ...there)).problems.map(
      ({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`,
    );

  it("may have an adapter, which has to be there too", () => {
    expect(check("a+lora", "/recipes/a")).toEqual(["4:12 error there is no checkpoint at /recipes/lora"]);
    const options = only("/recipes/base", "/recipes/a", "/recipes/lora");
    const { set } = checkRecipe(GOOD.replace("model: a", "model: a+lora"), options);
    expect(set?.models[0]).toMatchObject({ path: "/recipes/a+/recipes/lora", name: "lora" });
  });

  it("may be an adapter by itself, which is one of the base", () => {
    const options = { ...only("/recipes/base", "/recipes/lora"), isAdapter: (path: string) => path.endsWith("lora") };
    const { set } = checkRecipe(GOOD.replace("model: a", "model: lora"), options);
    expect(set?.models[0].path).toBe("/recipes/base+/recipes/lora");
  });

  it("needs no base where all are adapters", () => {
    const options = { ...only("/recipes/x", "/recipes/y"), isAdapter: (path: string) => path !== "/recipes/base" };
    const { set } = checkRecipe("merge_method: ties\nmodels: [{model: x}, {model: y}]\n", options);
    expect(set).toMatchObject({ base: null, models: [{ path: "/recipes/x" }, { path: "/recipes/y" }] });
  });

  it("may have a revision, which says nothing of a folder here", () => {
    expect(check("a@main", "/recipes/a")).toEqual([
      "4:12 warning a local folder has no revisions: `@main` is not looked at",
    ]);
    const { set } = checkRecipe(GOOD.replace("model: a", "model: a@main"), only("/recipes/base", "/recipes/a"));
    expect(set?.models[0].path).toBe("/recipes/a");
  });

  it("is a path as it stands where that is there", () => {
    expect(check("a+b@c", "/recipes/a+b@c")).toEqual([]);
  });
});

describe("a recipe made to do harm", () => {
  it("cannot multiply by aliases of aliases", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `k${i}: &a${i} [${i ? `*a${i - 1},*a${i - 1}` : "x"}]\n`).join(
      "",
    );
    const start = performance.now();
    expect(problemsOf(levels + GOOD).length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("is not quoted at length", () => {
    const [problem = ""] = problemsOf(`${GOOD}${"x".repeat(5000)}\ny: [\n`);
    expect(problem).not.toBe("");
    expect(problem.length).toBeLessThan(300);
  });

  it("cannot overflow the stack by nesting", () => {
    expect(problemsOf("[".repeat(50_000)).join()).toContain("nested too deep");
  });

  it("is not parsed when it is no recipe by its length", () => {
    expect(problemsOf("#".repeat(2_000_000)).join()).toContain("at most");
  });
});
