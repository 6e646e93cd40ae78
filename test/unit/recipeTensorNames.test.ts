/** Filters are held against the names of the checkpoint's tensors, and what cannot be reached is told. */
import { describe, expect, it } from "vitest";
import { checkRecipe } from "../../src/engine/plan/recipe";
import { MergeError } from "../../src/protocol/errors";
import { recipeOptions } from "../fixtures/recipeOptions";

const NAMES = ["model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight", "model.layers.0.self_attn.q.weight"];
const GOOD = "merge_method: ties\nbase_model: base\nmodels:\n  - model: a\n";

const problemsOf = (text: string, tensorNames: (path: string) => readonly string[] | null = () => NAMES): string[] =>
  checkRecipe(text, { ...recipeOptions, tensorNames }).problems.map(
    ({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`,
  );

describe("a filter", () => {
  it("that fits a part of a name is fine", () => {
    expect(
      problemsOf(`${GOOD}parameters: {weight: [{filter: s.0.mlp, value: 1}, {filter: attn, value: 2}]}\n`),
    ).toEqual([]);
  });

  it("that fits none is an error with the nearest part of a name", () => {
    expect(problemsOf(`${GOOD}parameters:\n  weight:\n    - {filter: self_atn, value: 1}\n`)).toEqual([
      "7:16 error no tensor's name contains `self_atn`; did you mean `self_attn`?",
    ]);
  });

  it("that is like nothing is an error with a name to see", () => {
    expect(problemsOf(`${GOOD}parameters: {weight: [{filter: zzzzzzzz, value: 1}]}\n`)).toEqual([
      "5:32 error no tensor's name contains `zzzzzzzz`; the names are such as `model.embed_tokens.weight`",
    ]);
  });

  it("behind one that fits all is warned of", () => {
    const filters = '[{filter: "*", value: 1}, {filter: mlp, value: 2}]';
    expect(problemsOf(`${GOOD}parameters: {weight: ${filters}}\n`)).toEqual([
      "5:48 warning no tensor gets here: the entry above fits every name",
    ]);
  });

  it("is not held against names that are not known", () => {
    expect(problemsOf(`${GOOD}parameters: {weight: [{filter: zzz, value: 1}]}\n`, () => null)).toEqual([]);
  });
});

it("the names are those of the base, or of the first model where there is none", () => {
  const asked: string[] = [];
  const names = (path: string): string[] => (asked.push(path), NAMES);
  const parameters = "parameters: {weight: [{filter: mlp, value: 1}]}\n";
  problemsOf(GOOD + parameters, names);
  problemsOf(`merge_method: linear\nmodels: [{model: b}, {model: a}]\n${parameters}`, names);
  expect(asked).toEqual(["/recipes/base", "/recipes/b"]);
});

it("a checkpoint that cannot be read is told where it is named", () => {
  const broken = (): never => {
    throw new MergeError("header-too-short", { where: "base.safetensors", size: 3 });
  };
  expect(problemsOf(`${GOOD}parameters: {weight: [{filter: mlp, value: 1}]}\n`, broken)).toEqual([
    expect.stringMatching(/^2:13 error The file has 3 bytes, .* \(base\.safetensors\)/),
  ]);
});

it("a pattern that fits nothing is warned of", () => {
  expect(problemsOf(`${GOOD}parameters: {exclude: ["*.mlp.*", "lm_head*"]}\n`)).toEqual([
    expect.stringContaining("warning no tensor's name fits `lm_head*`"),
  ]);
});

it("parameters that the method does not look at are warned of", () => {
  const text = `${GOOD.replace("ties", "task_arithmetic")}parameters: {density: 0.5, trim_scope: model}\n`;
  expect(problemsOf(text)).toEqual([
    "5:14 warning `density` has no effect on `task_arithmetic`",
    "5:28 warning `trim_scope` has no effect on `task_arithmetic`",
  ]);
});
