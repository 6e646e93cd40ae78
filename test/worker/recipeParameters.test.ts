/**
 * Recipes with gradients, filters and weights give what mergekit gives: its formulas are written out anew here, in
 * float32, and applied to the numbers of the files.
 */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseRecipe } from "../../src/engine/plan/recipe";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext, seeded } from "../fixtures/mergeCase";
import { mergekitParameter, mergekitPosition, type MergekitSetting } from "../fixtures/mergekitParameters";
import { naiveTies } from "../fixtures/naiveTies";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";
import { PRESETS } from "../../src/protocol/mergeSet";

const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const LAYERS = 4;
const NAMES = [
  "lm_head.weight",
  "model.embed_tokens.weight",
  ...Array.from({ length: LAYERS }, (_, i) => [
    `model.layers.${i}.mlp.up_proj.weight`,
    `model.layers.${i}.self_attn.q_proj.weight`,
  ]).flat(),
  "model.norm.weight",
];
const SIZE = 40;
const folder = temporaryFolder();
const fround = Math.fround;

const values = new Map<string, Map<string, number[]>>();
for (const [at, model] of ["base", "a", "b"].entries()) {
  const random = seeded(at + 1);
  const tensors = new Map(NAMES.map((name) => [name, Array.from({ length: SIZE }, () => fround(random() * 2 - 1))]));
  values.set(model, tensors);
  writeSafetensors(
    join(folder, `${model}.safetensors`),
    Object.fromEntries([...tensors].map(([name, value]) => [name, { dtype: "F32", shape: [SIZE], values: value }])),
  );
}
const of = (model: string, name: string): number[] => values.get(model)?.get(name) ?? [];

let run = 0;
async function merge(recipe: string): Promise<(name: string) => number[]> {
  const set = parseRecipe(recipe, { file: "recipe.yml", resolvePath: (path) => join(folder, `${path}.safetensors`) });
  const output = bareOutput(folder, `out${run++}`);
  await engine.merge({ set, output, statistics: false }, quietContext);
  return (name) => readTensor(output.out, name);
}

interface Parameters {
  weight: [MergekitSetting?, MergekitSetting?];
  density?: [MergekitSetting?, MergekitSetting?];
  top?: { weight?: MergekitSetting; density?: MergekitSetting; lambda?: MergekitSetting; normalize?: MergekitSetting };
}

/** The recipe as people write it: JSON is YAML. */
const recipeOf = (method: string, { weight, density, top = {} }: Parameters): string =>
  JSON.stringify({
    merge_method: method,
    base_model: "base",
    models: ["a", "b"].map((model, t) => ({ model, parameters: { weight: weight[t], density: density?.[t] } })),
    parameters: top,
  });

function resolved(name: string, { weight, density, top = {} }: Parameters, normalizes: boolean) {
  const t = mergekitPosition(name, LAYERS);
  const number = (levels: (MergekitSetting | undefined)[], fallback: number): number =>
    Number(mergekitParameter(levels, name, t, fallback));
  return {
    weights: [0, 1].map((m) => number([weight[m], top.weight], 1)),
    densities: [0, 1].map((m) => number([density?.[m], top.density], 1)),
    lambda: number([top.lambda], 1),
    normalize: Boolean(mergekitParameter([top.normalize], name, t, normalizes)),
  };
}

const CASES: [string, Parameters][] = [
  [
    "gradients of weights",
    {
      weight: [
        [0.2, 1],
        [1, 0.5, 0.25],
      ],
    },
  ],
  ["gradients for all models", { weight: [], top: { weight: [0.1, 0.9, 0.3], lambda: [1, 0.5] } }],
  [
    "filters, of which the first that fits holds",
    {
      weight: [
        [{ filter: "mlp", value: 0.3 }, { filter: "layers", value: 0.6 }, { value: 0.9 }],
        [
          { filter: "layers.1.", value: 2 },
          { filter: "self_attn", value: [0.1, 1] },
        ],
      ],
      top: {
        weight: [{ filter: "up_proj", value: [0.25, 0.75, 0.5] }, { value: 0.4 }],
        lambda: [{ filter: "norm", value: 0 }],
      },
    },
  ],
  [
    "filters that fall through to the default",
    {
      weight: [[{ filter: "mlp", value: 0.3 }], 0.7],
      top: { lambda: 0.5, normalize: [{ filter: "mlp", value: false }, { value: true }] },
    },
  ],
  [
    "densities by layer and name",
    {
      weight: [0.8, 0.6],
      density: [[1, 0.2], [{ filter: "mlp", value: [0.5, 0.1] }]],
      top: { density: [{ filter: "lm_head", value: 0.3 }, { value: 0.75 }] },
    },
  ],
];

describe("ties", () => {
  it.each(CASES)("with %s", async (_, parameters) => {
    const merged = await merge(recipeOf("ties", parameters));
    for (const name of NAMES) {
      const { weights, densities, lambda, normalize } = resolved(name, parameters, true);
      const models = weights.map((weight, t) => ({ weight, density: densities[t] }));
      const set = { rules: { ...PRESETS.mergekit, normalize }, lambda, models };
      const tensor = { name, base: of("base", name), models: [of("a", name), of("b", name)] };
      expect([name, merged(name)]).toEqual([name, naiveTies(set, [tensor]).theta.get(name)]);
    }
  });
});

describe("task_arithmetic", () => {
  it.each(CASES)("with %s", async (_, parameters) => {
    const merged = await merge(recipeOf("task_arithmetic", parameters));
    for (const name of NAMES) {
      const { weights, lambda, normalize } = resolved(name, parameters, false);
      const total = fround(fround(weights[0]) + fround(weights[1]));
      const expected = of("base", name).map((base, i) => {
        const terms = ["a", "b"].map((model, t) => fround(fround(of(model, name)[i] - base) * fround(weights[t])));
        const sum = fround(terms[0] + terms[1]);
        return fround(base + fround(fround(lambda) * (normalize ? fround(sum / total) : sum)));
      });
      expect([name, merged(name)]).toEqual([name, expected]);
    }
  });
});

describe("linear", () => {
  it.each(CASES)("with %s", async (_, parameters) => {
    const { top, ...rest } = parameters;
    const merged = await merge(
      JSON.stringify({ ...JSON.parse(recipeOf("linear", { ...rest, top })), base_model: undefined }),
    );
    for (const name of NAMES) {
      const { weights, normalize } = resolved(name, parameters, true);
      const total = fround(fround(weights[0]) + fround(weights[1]));
      const expected = of("a", name).map((value, i) => {
        const sum = fround(fround(value * fround(weights[0])) + fround(of("b", name)[i] * fround(weights[1])));
        return normalize ? fround(sum / total) : sum;
      });
      expect([name, merged(name)]).toEqual([name, expected]);
    }
  });
});

describe("slices", () => {
  it("have gradients over their own layers; what is outside of the layers goes with the first or last slice", async () => {
    const source = (model: string, range: number[], weight: MergekitSetting) => ({
      model,
      layer_range: range,
      parameters: { weight },
    });
    const merged = await merge(
      JSON.stringify({
        merge_method: "task_arithmetic",
        base_model: "base",
        slices: [
          { sources: [source("base", [0, 3], 1), source("a", [0, 3], [0, 1]), source("b", [0, 3], 0)] },
          { sources: [source("base", [3, 4], 1), source("a", [3, 4], [0.25, 0.5]), source("b", [3, 4], 2)] },
        ],
      }),
    );
    const expected = (name: string, a: number, b: number): number[] =>
      of("base", name).map((base, i) => {
        const term = (model: string, weight: number): number => fround(fround(of(model, name)[i] - base) * weight);
        return fround(base + fround(term("a", a) + term("b", b)));
      });
    const weightsOf: [string, number, number][] = [
      ["model.embed_tokens.weight", 0, 0],
      ["model.layers.0.mlp.up_proj.weight", 0, 0],
      ["model.layers.1.mlp.up_proj.weight", 0.5, 0],
      ["model.layers.2.self_attn.q_proj.weight", 1, 0],
      // Of a slice of one layer, that is the last.
      ["model.layers.3.mlp.up_proj.weight", 0.5, 2],
      ["model.norm.weight", 0.5, 2],
      ["lm_head.weight", 0.5, 2],
    ];
    for (const [name, a, b] of weightsOf) expect([name, merged(name)]).toEqual([name, expected(name, a, b)]);
  });
});

describe("trimming the whole model", () => {
  it("takes the tensors of one density together", async () => {
    const merged = await merge(
      JSON.stringify({
        merge_method: "ties",
        base_model: "base",
        models: [{ model: "a" }, { model: "b" }],
        parameters: { compat: "reference", density: [{ filter: "mlp", value: 0.1 }, { value: 0.4 }] },
      }),
    );
    // The majority sign is of the whole model, but no entries cancel here.
    for (const [density, isMlp] of [
      [0.1, true],
      [0.4, false],
    ] as const) {
      const names = NAMES.filter((name) => name.includes("mlp") === isMlp);
      const tensors = names.map((name) => ({ name, base: of("base", name), models: [of("a", name), of("b", name)] }));
      const models = [0, 1].map(() => ({ weight: 1, density }));
      const { theta } = naiveTies({ rules: PRESETS.reference, lambda: 1, models }, tensors);
      for (const name of names) expect([name, merged(name)]).toEqual([name, theta.get(name)]);
    }
  });

  it("reports the density that was asked of each tensor, and their mean over the entries", async () => {
    const set = parseRecipe(
      JSON.stringify({
        merge_method: "ties",
        base_model: "base",
        models: [{ model: "a" }],
        parameters: { compat: "reference", density: [{ filter: "mlp", value: 0.1 }, { value: 0.4 }] },
      }),
      { file: "recipe.yml", resolvePath: (path) => join(folder, `${path}.safetensors`) },
    );
    const { totals, groups, tensors } = await engine.inspect({ set }, quietContext);
    expect(new Set(tensors.map(({ name, models }) => `${name.includes("mlp")} ${models[0].density}`))).toEqual(
      new Set(["true 0.1", "false 0.4"]),
    );
    expect(totals.models[0]).toMatchObject({ threshold: null });
    expect(totals.models[0].density).toBeCloseTo((4 * 0.1 + 7 * 0.4) / 11);
    expect(groups.find(({ name }) => name === "model.layers.1")?.models[0].density).toBeCloseTo(0.25);
  });
});

describe("weights that cannot be divided by", () => {
  it("are told with their tensor before anything is read", async () => {
    const recipe = recipeOf("linear", { weight: [1, [{ filter: "up_proj", value: -1 }]] });
    await expect(merge(recipe)).rejects.toMatchObject({
      code: "weights-sum-to-zero",
      details: { where: "model.layers.0.mlp.up_proj.weight: 1, -1" },
    });
  });
});
