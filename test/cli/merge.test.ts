/** `merge` writes a complete folder, or nothing. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readValues } from "../fixtures/readValues";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import { writeSafetensors } from "../fixtures/writeCheckpoint";
import { MERGED, writeSmallSet } from "../fixtures/smallSet";
import type { SmallSet } from "../fixtures/smallSet";

const folder = temporaryFolder();
let set: SmallSet;
beforeAll(() => {
  set = writeSmallSet(folder);
});

const merge = (...args: string[]): ReturnType<typeof runCli> => runCli(["merge", ...args], { cwd: folder });
const weights = (out: string): Record<string, number[]> => readValues(join(folder, out, "model.safetensors"));

describe("merge", () => {
  it("writes the merged model with all that belongs to it", async () => {
    const { code, stdout, stderr } = await merge(...set.flags, "--out", "merged");
    expect(stderr).toContain("Merging 2 models with ties: 2 tensors, 10 parameters");
    expect(code).toBe(0);
    expect(weights("merged")).toEqual(MERGED);
    expect(readdirSync(join(folder, "merged")).sort()).toEqual([
      "README.md",
      "config.json",
      "model.safetensors",
      "ties_recipe.yml",
    ]);
    expect(stdout).toContain(join(folder, "merged"));
    expect(stdout).toMatch(/MB\/s/);
  });

  it("says so where the plain kernels run", async () => {
    const args = ["merge", ...set.flags, "--out", "plain"];
    const { stderr } = await runCli(args, { cwd: folder, env: { TIES_MERGE_KERNELS: "plain" } });
    expect(stderr).toMatch(/^note: WebAssembly SIMD is missing or switched off/);
    expect(weights("plain")).toEqual(MERGED);
  });

  it("says nothing but the result with --quiet", async () => {
    const { stderr } = await merge(...set.flags, "--out", "quiet", "--quiet");
    expect(stderr).toBe("");
  });

  it("gives the same bytes from a recipe", async () => {
    writeFileSync(
      join(folder, "recipe.yml"),
      "merge_method: ties\nbase_model: base\nmodels: [{model: math}, {model: code}]\n" +
        "parameters: {compat: reference, density: 0.3}\n",
    );
    await merge("recipe.yml", "--out", "from-recipe");
    await merge(...set.flags, "--out", "from-flags");
    for (const file of ["model.safetensors", "README.md", "ties_recipe.yml"]) {
      expect(readFileSync(join(folder, "from-recipe", file))).toEqual(readFileSync(join(folder, "from-flags", file)));
    }
  });

  it("gives the same bytes from the recipe that it wrote", async () => {
    await merge(...set.flags, "--out", "first");
    await merge("first/ties_recipe.yml", "--out", "second");
    expect(readFileSync(join(folder, "second/model.safetensors"))).toEqual(
      readFileSync(join(folder, "first/model.safetensors")),
    );
  });

  it("takes weights behind the paths, and other methods", async () => {
    const models = ["--model", `${set.math}=3`, "--model", `${set.code}/=1`];
    expect((await merge("--method", "linear", ...models, "--out", "linear")).code).toBe(0);
    expect(weights("linear")["layers.1.weight"]).toEqual([2, 2.75, 1.5, 2]);
    const negative = ["--model", set.math, "--model", `${set.code}=-1`, "--lambda", "-0.5", "--base", set.base];
    expect((await merge("--method", "task_arithmetic", ...negative, "--out", "arithmetic")).code).toBe(0);
    expect(weights("arithmetic")["layers.1.weight"]).toEqual([2, 1.5, 1, 2]);
  });

  it("writes one bare file where the output ends in .safetensors", async () => {
    expect((await merge(...set.flags, "--out", "bare.safetensors")).code).toBe(0);
    expect(readValues(join(folder, "bare.safetensors"))).toEqual(MERGED);
  });

  it("says that the output is a folder where its name is that of a file", async () => {
    const note = (out: string): string =>
      `note: the output ${out} will be a folder, with its weights in safetensors; ` +
      "for one bare file give a name that ends in .safetensors\n";
    for (const out of ["named.bin", "named.pt", "named.Safetensors"]) {
      const dry = await merge(...set.flags, "--out", out, "--dry-run");
      expect([dry.code, dry.stderr]).toEqual([0, note(out)]);
    }
    const { code, stderr } = await merge(...set.flags, "--out", "named.bin");
    expect([code, stderr]).toEqual([0, expect.stringContaining(note("named.bin")) as string]);
    expect(weights("named.bin")).toEqual(MERGED);
    expect((await merge(...set.flags, "--out", "llama-3.1", "--dry-run")).stderr).toBe("");
  });

  it("writes another dtype, and shards", async () => {
    expect((await merge(...set.flags, "--out", "half", "--dtype", "bf16", "--shard-size", "12")).code).toBe(0);
    const { stdout } = await runCli(["info", join(folder, "half"), "--json"]);
    const { tensors } = JSON.parse(stdout) as { tensors: { dtype: string }[] };
    expect(tensors.map(({ dtype }) => dtype)).toEqual(["BF16", "BF16"]);
    expect(existsSync(join(folder, "half", "model.safetensors.index.json"))).toBe(true);
  });

  it("prints the result with its statistics as JSON", async () => {
    const { stdout, stderr } = await merge(...set.flags, "--out", "json", "--json", "--quiet");
    expect(stderr).toBe("");
    const result = JSON.parse(stdout) as { report: { totals: { conflict: number } } };
    expect(result).toMatchObject({
      format: "ties-merge-result/1",
      out: join(folder, "json"),
      resumedTensors: 0,
      nonFinite: 0,
      baseNonFinite: 0,
      report: { format: "ties-merge-report/1", totals: { elements: 10, conflict: 2, overlap: [5, 2, 3] } },
    });
  });
});

describe("--non-finite keep-base", () => {
  it("counts what the base itself has of NaN and infinity by itself", async () => {
    const write = (name: string, values: number[]): string => {
      const path = join(folder, "not-finite", name, "model.safetensors");
      writeSafetensors(path, { a: { dtype: "F32", shape: [values.length], values } });
      return path;
    };
    const flags = ["--base", write("base", [1, NaN, Infinity, 4]), "--model", write("one", [2, 2, 2, NaN])];
    const { code, stdout } = await merge(...flags, "--non-finite", "keep-base", "--out", "not-finite/out");
    expect(code).toBe(0);
    expect(stdout).toContain("1 value of the base taken for NaN or infinity\n");
    expect(stdout).toContain("2 values left NaN or infinite, as in the base itself\n");
    expect(readFileSync(join(folder, "not-finite/out/README.md"), "utf8")).toContain(
      "1 entry took the base's value. 2 entries are not finite, as in the base.",
    );
    expect(weights("not-finite/out").a).toEqual([2, NaN, Infinity, 4]);
  });
});

describe("an output that is there", () => {
  it("is refused and left as it is", async () => {
    await merge(...set.flags, "--out", "kept");
    const before = readFileSync(join(folder, "kept/model.safetensors"));
    const { code, stderr } = await merge("--method", "linear", "--model", set.math, "--out", "kept");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: /);
    expect(readFileSync(join(folder, "kept/model.safetensors"))).toEqual(before);
  });

  it("is replaced with --overwrite", async () => {
    await merge("--method", "linear", "--model", set.math, "--out", "replaced");
    expect((await merge(...set.flags, "--out", "replaced", "--overwrite")).code).toBe(0);
    expect(weights("replaced")).toEqual(MERGED);
  });
});

describe("--dry-run", () => {
  it("says what would happen and writes nothing", async () => {
    const { code, stdout } = await merge(...set.flags, "--out", "dry", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Nothing was written/);
    expect(stdout).toMatch(/parameters +10\n/);
    expect(stdout).toMatch(/memory +about .*limit 1\.00 GiB/);
    expect(readdirSync(folder).filter((name) => name.includes("dry"))).toEqual([]);
  });

  it("says it as JSON", async () => {
    const { stdout } = await merge(
      ...set.flags,
      "--out",
      "dry",
      "--dry-run",
      "--json",
      "--memory",
      "512MiB",
      "--threads",
      "1",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      format: "ties-merge-plan/1",
      mergedTensors: 2,
      carriedTensors: 0,
      parameters: 10,
      memoryLimit: 2 ** 29,
      threads: 1,
      recipe: { merge_method: "ties", parameters: { trim_scope: "model" } },
    });
  });
});

describe("the recipe in the output", () => {
  it("has every parameter explicit", async () => {
    await merge(...set.flags, "--out", "explicit");
    expect(parse(readFileSync(join(folder, "explicit/ties_recipe.yml"), "utf8"))).toMatchObject({
      merge_method: "ties",
      base_model: set.base,
      models: [{ model: set.math, parameters: { weight: 1, density: 0.3 } }, { model: set.code }],
      parameters: { compat: "reference", lambda: 1, trim_scope: "model", non_finite: "error" },
    });
  });
});
