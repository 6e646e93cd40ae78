/** Wrong usage ends with 2, a refusal with 1; both say in one line on stderr what is wrong. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import { writeSmallSet } from "../fixtures/smallSet";

const folder = temporaryFolder();
beforeAll(() => void writeSmallSet(folder));

const run = (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: folder });
const SET = ["--base", "base", "--model", "math"];

describe("wrong usage", () => {
  it.each([
    ["no command", [], "a command is missing"],
    ["an unknown command", ["mrege"], "unknown command `mrege`; did you mean `merge`? See `ties-merge --help`"],
    ["an unknown option", ["merge", "--densty", "1"], "unknown option --densty; did you mean `--density`?"],
    ["an option of another command", ["info", "base", "--out", "x"], "unknown option --out"],
    ["no output", ["merge", ...SET], "--out is missing"],
    ["no models", ["merge", "--base", "base", "--out", "x"], "a recipe or at least one --model is needed"],
    ["no base", ["merge", "--model", "math", "--out", "x"], "--base is needed for ties"],
    ["an unknown method", ["merge", ...SET, "--out", "x", "--method", "linaer"], "did you mean `linear`?"],
    ["an unknown preset", ["merge", ...SET, "--out", "x", "--compat", "mergkit"], "did you mean `mergekit`?"],
    ["an unknown dtype", ["merge", ...SET, "--out", "x", "--dtype", "int8"], "--dtype must be one of float64"],
    [
      "a density that is none",
      ["merge", ...SET, "--out", "x", "--density", "20%"],
      "--density must be a number from 0 to 1",
    ],
    ["a density above 1", ["inspect", ...SET, "--density", "1.1"], "--density must be a number from 0 to 1, not `1.1`"],
    ["a weight that is none", ["inspect", "--base", "base", "--model", "math=heavy"], "must be a number"],
    ["a size that is none", ["merge", ...SET, "--out", "x", "--shard-size", "5 apples"], "--shard-size must be a size"],
    ["no threads", ["merge", ...SET, "--out", "x", "--threads", "0"], "--threads must be a whole number from 1"],
    ["a missing value", ["merge", "--out"], "--out needs a value"],
    ["a switch with a value", ["merge", ...SET, "--out", "x", "--json=1"], "--json takes no value"],
    ["an option twice", ["merge", ...SET, "--out", "x", "--out", "y"], "--out is given twice"],
    ["no checkpoint", ["info"], "CHECKPOINT is missing"],
    ["two checkpoints", ["verify", "base", "math"], "`math` is one argument too many"],
    ["two things on stdout", ["inspect", ...SET, "--json", "-", "--csv", "-"], "cannot both be written to one place"],
    ["two things in a file", ["inspect", ...SET, "--json", "x", "--csv", "./x"], "cannot both be written to one place"],
  ])("with %s ends with 2", async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*See `ties-merge.* --help`\.\n$/);
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, "x"))).toBe(false);
  });
});

describe("a refusal", () => {
  beforeAll(() => {
    writeFileSync(join(folder, "broken.yml"), "merge_method: tis\nmodels:\n  - model: nowhere\n");
    mkdirSync(join(folder, "empty"));
  });

  it.each([
    [
      "a path that is not there",
      ["info", "nowhere.safetensors"],
      /There is nothing at this path \(nowhere\.safetensors\)/,
    ],
    [
      "the name of a model on a hub",
      ["merge", "--base", "org/model", "--model", "math", "--out", "x"],
      /Download the model first/,
    ],
    ["a recipe that is not there", ["merge", "nowhere.yml", "--out", "x"], /does not exist \(nowhere\.yml\)/],
    [
      "a file that is no text in the place of a recipe",
      ["merge", "base/model.safetensors", "--out", "x"],
      /This is not a recipe \(base/,
    ],
    ["a checkpoint in the place of a recipe", ["merge", "base", "--out", "x"], /This is not a recipe \(base\)/],
    [
      "a broken recipe",
      ["merge", "broken.yml", "--out", "x"],
      /recipe: 2 \(broken\.yml\).*\nbroken\.yml:1:15 .*\nbroken\.yml:3:12 /,
    ],
    ["a folder without a checkpoint", ["info", "empty"], /\(.*empty\)/],
  ])("of %s ends with 1", async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it("comes with a stack where debugging is on", async () => {
    const { stderr } = await runCli(["info", "empty"], { cwd: folder, env: { TIES_MERGE_DEBUG: "1" } });
    expect(stderr).toMatch(/^ +at /m);
  });
});

describe("help", () => {
  it.each([[["--help"]], [["help"]]])("of the program lists the commands (%j)", async (args) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of ["merge", "inspect", "info", "verify"]) expect(stdout).toContain(`\n  ${command} `);
  });

  it.each(["merge", "inspect", "info", "verify"])("of %s names its options and gives an example", async (command) => {
    const { code, stdout } = await run(command, "--help");
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ties-merge ${command} `);
    expect(stdout).toContain(`Examples:\n  ties-merge ${command} `);
  });

  it("is given even where the other arguments are wrong", async () => {
    expect(await run("merge", "--wrong", "--help")).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("the version", () => {
  it("is that of the package", async () => {
    const { code, stdout } = await run("--version");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
