/** A merge set for mergekit: in its keys alone, and only where it merges alike. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { mergekitYaml } from "../../src/engine/plan/mergekitRecipe";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import { parseRecipe } from "../../src/engine/plan/recipe";
import type { Setting } from "../../src/protocol/mergeSet";
import { expectCode } from "../fixtures/expectCode";
import { recipeOptions } from "../fixtures/recipeOptions";

const MODELS = [{ path: "/a" }, { path: "/b" }];
const INPUT: MergeSetInput = { method: "ties", compat: "mergekit", base: "/base", models: MODELS };

const share = fc.double({ min: 0.01, max: 1, noNaN: true });
const setting: fc.Arbitrary<Setting> = fc.oneof(
  share,
  fc.array(share, { minLength: 2, maxLength: 3 }),
  share.map((value) => [{ filter: "mlp", value }, { value: [value, 1] }]),
);

describe("a set for mergekit", () => {
  it("has mergekit's keys alone", () => {
    const set = createMergeSet({ ...INPUT, weight: [0, 1], density: 0.5, lambda: 0.7, outDtype: "BF16" });
    expect(parse(mergekitYaml(set))).toEqual({
      merge_method: "ties",
      base_model: "/base",
      models: MODELS.map(({ path }) => ({ model: path, parameters: { weight: [0, 1], density: 0.5 } })),
      parameters: { normalize: true, lambda: 0.7 },
      dtype: "float32",
      out_dtype: "bfloat16",
    });
  });

  it("is the same set when it is read here", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          "ties",
          "task_arithmetic",
          "linear",
          "dare_ties",
          "dare_linear",
          "breadcrumbs",
          "breadcrumbs_ties",
        ),
        fc.array(fc.record({ weight: setting, density: setting }), { minLength: 2, maxLength: 2 }),
        setting,
        fc.boolean(),
        fc.boolean(),
        (method, parameters, lambda, normalize, sliced) => {
          const models = MODELS.map((model, t) => ({ ...model, ...parameters[t] }));
          const slices = [0, 2].map((from) => ({ layers: [from, from + 2] as [number, number], models: [], lambda }));
          const base = method === "linear" ? null : "/base";
          const input = { ...INPUT, method, base, models, lambda, normalize, ...(sliced && { slices }) };
          const set = createMergeSet(input);
          expect(parseRecipe(mergekitYaml(set), recipeOptions)).toEqual(set);
        },
      ),
    );
  });

  it("names the base among the sources of slices, where mergekit looks for it", () => {
    const slices = [
      { layers: [0, 1] as [number, number], models: [], weight: 0.5 },
      { layers: [1, 2] as [number, number], models: [], weight: 0.25 },
    ];
    expect(parse(mergekitYaml(createMergeSet({ ...INPUT, slices })))).toMatchObject({
      slices: [
        { sources: [{ model: "/base", layer_range: [0, 1] }, { model: "/a" }, { model: "/b" }] },
        { sources: [{ model: "/base", layer_range: [1, 2] }, { model: "/a" }, { model: "/b" }] },
      ],
    });
  });

  it("says of random masks that mergekit draws others", () => {
    const text = mergekitYaml(createMergeSet({ ...INPUT, method: "dare_ties", density: 0.5, seed: 3 }));
    expect(text).toMatch(/^# mergekit draws random numbers of its own/);
    expect(parse(text)).toMatchObject({
      merge_method: "dare_ties",
      models: MODELS.map(({ path }) => ({ model: path, parameters: { weight: 1, density: 0.5 } })),
      parameters: { normalize: false },
    });
  });

  it("has no weights where the angles weigh, and t as it was said", () => {
    const models = MODELS.map(({ path }) => ({ model: path, parameters: {} }));
    const t = [{ filter: "mlp", value: [0, 1] }, { value: 0.5 }];
    expect(parse(mergekitYaml(createMergeSet({ ...INPUT, method: "slerp", base: null, t })))).toEqual({
      ...{ merge_method: "slerp", base_model: "/a", models, parameters: { t } },
    });
    const stock = createMergeSet({ ...INPUT, method: "model_stock" });
    expect(parse(mergekitYaml(stock))).toEqual({
      ...{ merge_method: "model_stock", base_model: "/base", models, parameters: {} },
    });
    expect(parseRecipe(mergekitYaml(stock), recipeOptions)).toEqual(stock);
    const rows = createMergeSet({ ...INPUT, method: "model_stock", filterWise: true });
    expect(parse(mergekitYaml(rows))).toMatchObject({ parameters: { filter_wise: true } });
  });

  it("has the share that SCE selects, and reads it as the same set", () => {
    const selectTopk = [{ filter: "mlp", value: [0, 1] }, { value: 0.5 }];
    const set = createMergeSet({ ...INPUT, method: "sce", selectTopk });
    const models = MODELS.map(({ path }) => ({ model: path, parameters: {} }));
    expect(parse(mergekitYaml(set))).toEqual({
      ...{ merge_method: "sce", base_model: "/base", models, parameters: { select_topk: selectTopk } },
    });
    expect(parseRecipe(mergekitYaml(set), recipeOptions)).toEqual(set);
  });

  it("says the same of slices as it is read here, for SLERP", () => {
    const slices = [0, 2].map((from) => ({ layers: [from, from + 2] as [number, number], models: [], t: from / 4 }));
    const set = createMergeSet({ ...INPUT, method: "slerp", base: "/b", slices });
    expect(parseRecipe(mergekitYaml(set), recipeOptions)).toEqual(set);
  });

  it("has DELLA's window at the top, and reads it as the same set", () => {
    const set = createMergeSet({ ...INPUT, method: "della_linear", density: 0.5, epsilon: 0.2 });
    expect(parse(mergekitYaml(set))).toMatchObject({ merge_method: "della_linear", parameters: { epsilon: 0.2 } });
    expect(parseRecipe(mergekitYaml(set), recipeOptions)).toEqual(set);
  });

  it("averages no base that only lends its configuration", () => {
    expect(parse(mergekitYaml(createMergeSet({ ...INPUT, method: "linear" })))).not.toHaveProperty("base_model");
  });
});

describe("what mergekit cannot express is refused with the reason", () => {
  it.each<[string, Partial<MergeSetInput>, RegExp[]]>([
    ["the paper's rules", { compat: "reference" }, [/`trim_scope: tensor`, not `model`/, /`trim_ties: exact`, not/]],
    ["PEFT's rules", { compat: "peft" }, [/`weights: before`, not `after`/]],
    ["tensors left out", { exclude: ["lm_head*"] }, [/cannot leave tensors out/]],
    ["values that are not finite", { nonFinite: "keep-base" }, [/NaN or Inf/]],
    ["integer tensors", { nonFloat: "base" }, [/integer tensors/]],
    ["a dtype", { outDtype: "F8_E4M3" }, [/cannot write F8_E4M3/]],
    ["a density of 0", { density: [1, 0] }, [/density of 0/]],
    ["a path with a plus", { models: [{ path: "/a+b" }] }, [/adapter or a revision \(\/a\+b\)/]],
    ["Fisher merging", { method: "fisher", fisher: ["/f", "/g"] }, [/^it has no `fisher`$/]],
    ["RegMean", { method: "regmean", gram: ["/f", "/g"] }, [/^it has no `regmean`$/]],
    [
      "DELLA by sign counts",
      { method: "della", density: 0.5, rules: { signConsensus: "frequency" } },
      [/sign_consensus: mass/],
    ],
    ["Model Stock with λ", { method: "model_stock", lambda: [1, 0.5] }, [/`model_stock` has no `lambda`/]],
    ["SCE with λ", { method: "sce", lambda: 2 }, [/`sce` has no `lambda`/]],
    ["SCE by its authors' code", { method: "sce", compat: "reference" }, [/weighs models equally .* 1e-6/]],
    ["a model twice", { models: [{ path: "/a" }, { path: "/a" }] }, [/listed twice/]],
  ])("%s", (_, changed, reasons) => {
    const set = createMergeSet({ ...INPUT, ...changed });
    const { details } = expectCode("not-mergekit", () => mergekitYaml(set));
    for (const reason of reasons) expect(details.list).toMatch(reason);
  });
});
