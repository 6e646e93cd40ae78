/** Fisher merging and RegMean from options and from a recipe, as people run them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { statisticsPath, writeFisherCase, writeGramCase } from "../fixtures/statisticsCase";
import { runCli, temporaryFolder } from "../fixtures/runCli";

const folder = temporaryFolder();
const shapes = { "a.weight": [6, 5], "b.bias": [4] };

/** Options of both models with their statistics. */
const flags = (here: string, option: string): string[] => [
  ...["--base", join(here, "base.safetensors")],
  ...[0, 1].flatMap((t) => ["--model", join(here, `model${t}.safetensors`), option, statisticsPath(here, t)]),
];

describe.each([
  ["fisher", "--fisher", "fisher", writeFisherCase, ["normalize_fisher: true", "--normalize-fisher"]],
  ["regmean", "--gram", "gram", writeGramCase, ["alpha: 0.5", "--alpha=0.5"]],
] as const)("%s", (method, option, key, write, [parameter, flag]) => {
  const here = join(folder, method);
  write({ folder: here, shapes, models: 2 });

  it("gives the same from options, from a recipe, and from the recipe that it wrote", async () => {
    const out = join(here, "out");
    const run = await runCli(["merge", "--method", method, ...flags(here, option), flag, "--out", out, "--quiet"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const models = [0, 1].map(
      (t) => `  - {model: model${t}.safetensors, parameters: {${key}: statistics${t}.safetensors}}`,
    );
    const recipe = ["merge_method: " + method, "base_model: base.safetensors", "models:", ...models];
    writeFileSync(join(here, "recipe.yml"), [...recipe, `parameters: {${parameter}}`, ""].join("\n"));
    const again = { "by-recipe": join(here, "recipe.yml"), "by-resolved": join(out, "ties_recipe.yml") };
    for (const [name, path] of Object.entries(again)) {
      const result = await runCli(["merge", path, "--out", join(here, name), "--quiet"]);
      expect(result).toMatchObject({ code: 0, stderr: "" });
      const [one, other] = [out, join(here, name)].map((at) => readFileSync(join(at, "model.safetensors")));
      expect(other!.equals(one!)).toBe(true);
    }
    const card = readFileSync(join(out, "README.md"), "utf8");
    expect(card).toContain(`${key}: statistics0.safetensors`);
    expect(card).toContain(parameter);
    expect(card).not.toContain(here);
  });

  it("says in a dry run what it would do and need", async () => {
    const result = await runCli([
      "merge",
      "--method",
      method,
      ...flags(here, option),
      "--out",
      join(here, "x"),
      "--dry-run",
    ]);
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(
      method === "regmean" ? /one layer +\S+ MiB more, beside the limit, for a.weight/ : /memory/,
    );
    expect(existsSync(join(here, "x"))).toBe(false);
  });

  it("asks for a file a model", async () => {
    const base = ["merge", "--method", method, "--out", join(here, "x")];
    const models = [0, 1].flatMap((t) => ["--model", join(here, `model${t}.safetensors`)]);
    const without = await runCli([...base, ...models]);
    expect(without.code).toBe(1);
    expect(without.stderr).toContain(`\`${method}\` needs \`${key}\` for model0`);
    const one = await runCli([...base, ...models, option, statisticsPath(here, 0)]);
    expect(one.stderr).toContain(`\`--${key}\` is given once for 2 models`);
    const missing = await runCli([...base, ...models, option, join(here, "none"), option, statisticsPath(here, 0)]);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.stderr).toContain("none");
  });
});

it("refuses weights that a method cannot honour", async () => {
  const here = join(folder, "regmean");
  const models = [0, 1].flatMap((t) => [
    "--model",
    `${join(here, `model${t}.safetensors`)}=2`,
    "--gram",
    statisticsPath(here, t),
  ]);
  const result = await runCli(["merge", "--method", "regmean", ...models, "--out", join(here, "x")]);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("takes no weights");
});
