/** Adapters on the command line: on their model, and with one another. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { changesOf, changesOfPeft, largestDifference } from "../fixtures/peftAdapters";
import type { MergeResult } from "../../src/protocol/engineApi";
import { readValues } from "../fixtures/readValues";
import { runCli, temporaryFolder } from "../fixtures/runCli";

const PEFT = resolve("test/fixtures/peft");
const at = (name: string): string => join(PEFT, name);
const folder = temporaryFolder();
const out = (name: string): string => join(folder, name);

async function ok(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli([...args]);
  expect(stderr).not.toMatch(/error/);
  expect(code).toBe(0);
  return stdout;
}

it("merges adapters on their base, and the recipe says how", async () => {
  const flags = ["--base", at("base"), "--model", at("lora"), "--model", `${at("rslora")}=0.5`, "--density", "0.4"];
  await ok("merge", ...flags, "--out", out("merged"));
  const recipe = parse(readFileSync(join(out("merged"), "ties_recipe.yml"), "utf8")) as { models: { model: string }[] };
  expect(recipe.models.map(({ model }) => model)).toEqual([
    `${at("base")}+${at("lora")}`,
    `${at("base")}+${at("rslora")}`,
  ]);
  await ok("merge", join(out("merged"), "ties_recipe.yml"), "--out", out("again"), "--threads", "1");
  const [first, again] = ["merged", "again"].map((name) => readFileSync(join(out(name), "model.safetensors")));
  expect(again.equals(first)).toBe(true);
  expect(existsSync(join(out("merged"), "adapter_config.json"))).toBe(false);
  const mergekit = await ok("recipe", ...flags, "--compat", "mergekit", "--mergekit");
  expect(mergekit).toContain(`model: ${at("base")}+${at("lora")}`);
});

it("merges adapters with one another, and the recipe says how", async () => {
  const flags = ["a", "b=0.7", "c=0.4"].flatMap((name) => ["--model", at(name)]);
  await ok("merge", ...flags, "--compat", "peft", "--density", "0.5", "--out", out("adapter"));
  const merged = readValues(join(out("adapter"), "adapter_model.safetensors"));
  const peft = readValues(join(PEFT, "combined", "ties.safetensors"));
  for (const [name, values] of Object.entries(peft)) {
    values.forEach((value, i) => expect(Math.abs(merged[name][i] - value)).toBeLessThan(1e-6));
  }
  await ok("merge", join(out("adapter"), "ties_recipe.yml"), "--out", out("adapter-again"));
  expect(readValues(join(out("adapter-again"), "adapter_model.safetensors"))).toEqual(merged);
  await ok("merge", join(out("adapter"), "ties_recipe.yml"), "--out", out("adapter"), "--overwrite");
});

it("puts adapters of other ranks and modules side by side", async () => {
  await ok("merge", "--model", at("a"), "--model", `${at("d")}=-0.7`, "--method", "cat", "--out", out("cat"));
  expect(largestDifference(changesOf(out("cat")), changesOfPeft("cat-ranks", out("cat")))).toBeLessThan(1e-6);
  await ok("merge", join(out("cat"), "ties_recipe.yml"), "--out", out("cat-again"));
  expect(changesOf(out("cat-again"))).toEqual(changesOf(out("cat")));
});

it("merges what adapters change, factors it back to a rank and tells the error", async () => {
  const models = ["--model", at("a"), "--model", `${at("d")}=-0.7`];
  const args = [...models, "--compat", "peft", "--method", "linear", "--rank", "3"];
  expect(await ok("merge", ...args, "--out", out("svd"), "--dry-run")).toMatch(/more, beside the limit/);
  expect(await ok("merge", ...args, "--out", out("svd"))).toMatch(/rank +3, relative error 0\.\d+, at most 0\.\d+ \(/);
  expect(largestDifference(changesOf(out("svd")), changesOfPeft("svd-ranks", out("svd")))).toBeLessThan(1e-6);
  const recipe = join(out("svd"), "ties_recipe.yml");
  expect(parse(readFileSync(recipe, "utf8"))).toMatchObject({ parameters: { rank: 3 } });
  await ok("validate", recipe);
  const json = JSON.parse(await ok("merge", recipe, "--out", out("svd-again"), "--json")) as MergeResult;
  expect(json.factoring).toMatchObject({ rank: 3 });
  expect(json.report?.tensors.map(({ name }) => name)).toEqual(json.factoring?.tensors.map(({ name }) => name));
  expect(changesOf(out("svd-again"))).toEqual(changesOf(out("svd")));
});

it("tells of an adapter and of a model with one", async () => {
  const info = JSON.parse(await ok("info", at("lora"), "--json")) as { format: string; tensors: { name: string }[] };
  expect(info.format).toBe("peft");
  expect(info.tensors.map(({ name }) => name)).toContain("base_model.model.layers.0.q.lora_A.weight");
  const whole = JSON.parse(await ok("info", `${at("base")}+${at("bin")}`, "--json")) as { format: string };
  expect(whole.format).toBe("safetensors");
  expect(await ok("verify", `${at("base")}+${at("lora")}`)).toMatch(/every value finite/);
  expect(await ok("verify", at("ia3"))).toMatch(/every value finite/);
});

it("shows the interference of adapters", async () => {
  const models = ["--model", at("a"), "--model", at("b")];
  for (const base of [["--base", at("base")], []]) {
    const report = JSON.parse(await ok("inspect", ...base, ...models, "--json", "-")) as {
      totals: { conflict: number };
      models: { name: string }[];
    };
    expect(report.totals.conflict).toBeGreaterThan(0);
    expect(report.models.map(({ name }) => name)).toEqual(["a", "b"]);
  }
});

it("validates recipes with adapters", async () => {
  const recipe = out("recipe.yml");
  const base = at("base");
  const text = `merge_method: ties\nbase_model: ${base}\nmodels:\n  - model: ${base}+${at("lora")}\n  - model: ${at("bin")}\n`;
  writeFileSync(recipe, text);
  await ok("validate", recipe);
  writeFileSync(recipe, text.replace("peft/lora", "peft/none"));
  const { code, stdout, stderr } = await runCli(["validate", recipe]);
  expect(code).toBe(1);
  expect(stdout + stderr).toMatch(/:4:12: error: there is no checkpoint at .*none/);
});

it.each([
  ["an adapter as the base", ["--base", at("a"), "--model", at("b")], /An adapter cannot be the base/],
  ["a file as the output", ["--model", at("a"), "--out", out("x.safetensors")], /An adapter is a folder/],
  ["a base beside cat", ["--base", at("base"), "--model", at("a"), "--method", "cat"], /leave the base out/],
  ["a base beside a rank", ["--base", at("base"), "--model", at("a"), "--rank", "2"], /leave the base or `rank` out/],
  ["other ranks", ["--model", at("a"), "--model", at("conv1d")], /layers/],
  [
    "an adapter of another model",
    ["--base", at("merged/ia3.safetensors"), "--model", at("nothing")],
    /nothing at this/,
  ],
])("refuses %s", async (_, args, message) => {
  const { code, stderr } = await runCli(["merge", ...args, ...(args.includes("--out") ? [] : ["--out", out("no")])]);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
