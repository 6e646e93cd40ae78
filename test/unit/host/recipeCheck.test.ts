/** Recipes in the editor have the validator's problems; checkpoints are opened only where a recipe needs their names. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { looksLikeRecipe, RecipeCheck } from "../../../src/host/diagnostics/recipeCheck";
import { MergeError } from "../../../src/protocol/errors";
import { temporaryFolder } from "../../fixtures/temporaryFolder";

const folder = temporaryFolder();
for (const name of ["base", "a"]) mkdirSync(join(folder, name));
const file = join(folder, "recipe.yml");
const RECIPE = "merge_method: ties\nbase_model: base\nmodels:\n  - model: a\n";
const FILTERED = `${RECIPE}parameters: {weight: [{filter: mpl, value: 1}]}\n`;

function checkWith(names: readonly string[] | MergeError): { check: RecipeCheck; asked: string[] } {
  const asked: string[] = [];
  const check = new RecipeCheck(async (path) => {
    asked.push(path);
    if (names instanceof MergeError) throw names;
    return names;
  });
  return { check, asked };
}
const shown = async (check: RecipeCheck, text: string): Promise<string[]> =>
  (await check.problems(text, file)).map(({ line, column, message }) => `${line}:${column} ${message}`);

describe("a recipe in the editor", () => {
  it("has the problems of the validator, paths relative to it", async () => {
    const { check } = checkWith([]);
    expect(await shown(check, RECIPE)).toEqual([]);
    expect(await shown(check, RECIPE.replace("model: a", "model: b").replace("ties", "tis"))).toEqual([
      "1:15 unknown merge_method `tis`; did you mean `ties`?",
      `4:12 there is no checkpoint at ${join(folder, "b")}`,
    ]);
  });

  it("opens no checkpoint where no name is needed", async () => {
    const { check, asked } = checkWith([]);
    await shown(check, RECIPE);
    expect(asked).toEqual([]);
  });

  it("has its filters held against the base's names, which are read once", async () => {
    const { check, asked } = checkWith(["layers.0.mlp.weight"]);
    const expected = ["5:32 no tensor's name contains `mpl`; did you mean `mlp`?"];
    expect(await shown(check, FILTERED)).toEqual(expected);
    expect(await shown(check, FILTERED)).toEqual(expected);
    expect(asked).toEqual([join(folder, "base")]);
    check.forget();
    await shown(check, FILTERED);
    expect(asked).toHaveLength(2);
  });

  it("is what it merges, or all that is wrong with it", async () => {
    const { check, asked } = checkWith(["layers.0.mlp.weight"]);
    const set = await check.mergeSet(FILTERED.replace("mpl", "mlp"), file);
    expect(set.base).toBe(join(folder, "base"));
    expect(set.models.map(({ path }) => path)).toEqual([join(folder, "a")]);
    expect(asked).toEqual([join(folder, "base")]);
    await expect(check.mergeSet(FILTERED, file)).rejects.toMatchObject({
      code: "recipe-invalid",
      details: { list: expect.stringContaining("did you mean `mlp`?") as string },
    });
  });

  it("is told what is wrong with a checkpoint", async () => {
    const { check } = checkWith(new MergeError("header-too-short", { where: "model.safetensors", size: 3 }));
    expect(await shown(check, FILTERED)).toEqual([expect.stringMatching(/^2:13 The file has 3 bytes/)]);
  });
});

it.each([
  [RECIPE, true],
  ["# a comment\nmerge_method : ties\n", true],
  ["base_model: x\nslices: []\n", true],
  ["name: build\non: push\njobs:\n  merge_method: x\n", false],
  ["models: [a]\n", false],
])("%j looks like a recipe: %s", (text, expected) => {
  expect(looksLikeRecipe(text)).toBe(expected);
});
