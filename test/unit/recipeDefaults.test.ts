/** What a recipe means where it says nothing, as mergekit has it. */
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../../src/engine/plan/recipe";
import { PRESETS } from "../../src/protocol/mergeSet";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { recipeOptions } from "../fixtures/recipeOptions";

const parse = (text: string): MergeSet => parseRecipe(text, recipeOptions);
const TIES = "merge_method: ties\nbase_model: base\nmodels: [{model: a}, {model: b}]\n";

describe("a ties recipe that says nothing more", () => {
  it("has mergekit's rules, keeps everything and weighs all alike", () => {
    expect(parse(TIES)).toEqual({
      method: "ties",
      compat: "mergekit",
      base: "/recipes/base",
      models: [
        { path: "/recipes/a", name: "a", weight: 1, density: 1 },
        { path: "/recipes/b", name: "b", weight: 1, density: 1 },
      ],
      lambda: 1,
      rules: PRESETS.mergekit,
      normalize: true,
      normalizeFisher: false,
      alpha: 0.9,
      seed: 0,
      gamma: 0,
      include: [],
      exclude: [],
      nonFinite: "error",
      nonFloat: "error",
      vocab: "error",
      missing: "error",
      outDtype: null,
    });
  });

  it("keeps a fifth under the paper's rules", () => {
    const set = parse(`${TIES}parameters: {compat: reference}\n`);
    expect(set.rules).toEqual(PRESETS.reference);
    expect(set.models.map(({ density }) => density)).toEqual([0.2, 0.2]);
  });
});

describe("parameters", () => {
  it("at the top hold for every model that has none of its own", () => {
    const set = parse(
      "merge_method: ties\nbase_model: base\nmodels:\n" +
        "  - {model: a, parameters: {weight: 0.3}}\n  - {model: b, parameters: {density: 0.9}}\n" +
        "parameters: {weight: 2, density: 0.5, lambda: 0.7}\n",
    );
    expect(set.models.map(({ weight, density }) => [weight, density])).toEqual([
      [0.3, 0.5],
      [2, 0.9],
    ]);
    expect(set.lambda).toBe(0.7);
  });

  it("override single rules of the preset", () => {
    const set = parse(`${TIES}parameters: {trim_scope: model, zero_sign: majority, merge: sum, normalize: no}\n`);
    expect(set.rules).toEqual({
      ...PRESETS.mergekit,
      trimScope: "model",
      zeroSign: "majority",
      merge: "sum",
      normalize: false,
    });
  });

  it("that change nothing in the numbers are accepted", () => {
    expect(parse(`${TIES}parameters: {int8_mask: 1, rescale: false}\ntokenizer_source: base\n`)).toEqual(parse(TIES));
  });

  it("name patterns one by one or as a list", () => {
    const set = parse(`${TIES}parameters: {include: "*.mlp.*", exclude: [lm_head.*, "*norm*"]}\n`);
    expect([set.include, set.exclude]).toEqual([["*.mlp.*"], ["lm_head.*", "*norm*"]]);
  });

  it("say what to do with values that cannot be merged", () => {
    const set = parse(`${TIES}parameters: {non_finite: keep-base, non_float: base}\n`);
    expect([set.nonFinite, set.nonFloat]).toEqual(["keep-base", "base"]);
  });
});

describe("normalize", () => {
  it.each([
    ["linear", true],
    ["task_arithmetic", false],
    ["ties", true],
    ["dare_ties", false],
    ["dare_linear", false],
    ["della", true],
    ["della_linear", false],
    ["breadcrumbs", false],
    ["breadcrumbs_ties", false],
  ])("is for %s by default %s", (method, expected) => {
    expect(parse(TIES.replace("ties", method)).normalize).toBe(expected);
  });
});

describe("the seed", () => {
  const dare = TIES.replace("ties", "dare_ties");

  it("of random masks is 0, or what stands there", () => {
    expect(parse(dare).seed).toBe(0);
    expect(parse(`${dare}parameters: {seed: 7, rescale: true}\n`).seed).toBe(7);
  });
});

describe("gamma", () => {
  it("is mergekit's 0.01, or what stands there", () => {
    const text = TIES.replace("ties", "breadcrumbs");
    expect(parse(text).gamma).toBe(0.01);
    expect(parse(`${text}parameters: {gamma: 0.2, rescale: false}\n`).gamma).toBe(0.2);
  });
});

describe("filter_wise", () => {
  it("is false, as in mergekit, or what stands there", () => {
    const text = TIES.replace("ties", "model_stock");
    expect(parse(text).filterWise).toBe(false);
    expect(parse(`${text}parameters: {filter_wise: true}\n`).filterWise).toBe(true);
  });
});

describe("select_topk", () => {
  const sce = TIES.replace("ties", "sce");

  it("is mergekit's 1, or what stands there, and weights and density are those of no model", () => {
    expect(parse(sce)).toMatchObject({ selectTopk: 1, lambda: 1, rules: { weights: "after", normalize: true } });
    const set = parse(`${sce}parameters: {select_topk: 0.1, int8_mask: true, rescale: false}\n`);
    expect(set).toMatchObject({ selectTopk: 0.1, models: [{ weight: 1 }, { weight: 1 }] });
  });
});

describe("a base that is listed among the models", () => {
  const listed = (method: string): string[] =>
    parse(
      `merge_method: ${method}\nbase_model: base\nmodels: [{model: ./base}, {model: a}]\n`.replace("./", "/recipes/"),
    ).models.map(({ name }) => name);

  it("is passed over where task vectors are merged", () => {
    expect(listed("ties")).toEqual(["a"]);
    expect(listed("task_arithmetic")).toEqual(["a"]);
  });

  it("counts in an average", () => {
    expect(listed("linear")).toEqual(["base", "a"]);
  });
});

describe("a base that is not listed", () => {
  const text = "merge_method: linear\nbase_model: base\nmodels: [{model: a}]\n";

  it("counts last in an average whose weight stands at the top", () => {
    expect(parse(`${text}parameters: {weight: 0.5}\n`).models).toMatchObject([
      { path: "/recipes/a", weight: 0.5 },
      { path: "/recipes/base", weight: 0.5 },
    ]);
  });

  it("does not count otherwise", () => {
    expect(parse(text).models).toMatchObject([{ path: "/recipes/a" }]);
  });
});

describe("the output's dtype", () => {
  it.each([
    ["dtype: bfloat16", "BF16"],
    ["dtype: float32\nout_dtype: float16", "F16"],
    ["out_dtype: F64", "F64"],
    ["dtype: bf16", "BF16"],
    ["dtype: torch.float32", "F32"],
    ["", null],
  ])("of `%s` is %s", (line, expected) => {
    expect(parse(`${TIES}${line}\n`).outDtype).toBe(expected);
  });
});

describe("names of models", () => {
  const names = (...paths: string[]): string[] =>
    parse(`merge_method: linear\nmodels: [${paths.map((path) => `{model: ${path}}`).join(", ")}]\n`).models.map(
      ({ name }) => name,
    );

  it("are those of the folder or file", () => {
    expect(names("/x/math", "/y/code.safetensors", "/z/v1.5")).toEqual(["math", "code", "v1.5"]);
  });

  it("have the parent's in front where they are equal, and a number where that is equal too", () => {
    expect(names("/x/math", "/y/math", "/z/x/math", "/w")).toEqual(["x/math", "y/math", "x/math-2", "w"]);
  });
});

describe("anchors", () => {
  it("stand for what they name", () => {
    const set = parse(
      "merge_method: ties\nbase_model: &base base\nmodels:\n" +
        "  - {model: a, parameters: &p {weight: 0.3}}\n  - {model: b, parameters: *p}\n  - {model: *base}\n",
    );
    expect(set.models.map(({ weight }) => weight)).toEqual([0.3, 0.3]);
  });

  it("are merged into a mapping by `<<`, where its own keys win", () => {
    const set = parse(
      "merge_method: ties\nbase_model: base\nmodels:\n" +
        "  - {model: a, parameters: &p {weight: 0.3, density: 0.5}}\n" +
        "  - {model: b, parameters: {weight: 2, <<: *p}}\n" +
        "  - {model: c, parameters: {<<: [{density: 0.1}, *p]}}\n",
    );
    expect(set.models.map(({ weight, density }) => [weight, density])).toEqual([
      [0.3, 0.5],
      [2, 0.5],
      [0.3, 0.1],
    ]);
  });
});

describe("values as mergekit reads them", () => {
  it("keys without a value are not there", () => {
    const empty = "parameters:\ndtype:\nout_dtype: ~\ntokenizer_source: null\n";
    expect(parse(`${TIES.replace("- model: a", "- model: a\n    parameters:")}${empty}`)).toEqual(parse(TIES));
  });

  it("numbers may stand in quotes", () => {
    expect(parse(`${TIES}parameters: {lambda: "0.5"}\n`).lambda).toBe(0.5);
  });
});
