/** `recipe` writes a merge down: with every parameter explicit, or for mergekit. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import { writeSmallSet, type SmallSet } from "../fixtures/smallSet";

const folder = temporaryFolder();
let set: SmallSet;
beforeAll(() => {
  set = writeSmallSet(folder);
});
const run = (...args: string[]): ReturnType<typeof runCli> => runCli(["recipe", ...args], { cwd: folder });

describe("recipe", () => {
  it("prints what options say as a recipe that says it all", async () => {
    const { code, stdout } = await run(...set.flags, "--dtype", "bf16");
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      merge_method: "ties",
      base_model: set.base,
      models: [{ model: set.math, parameters: { weight: 1, density: 0.3 } }, { model: set.code }],
      parameters: { compat: "reference", trim_scope: "model" },
      out_dtype: "bfloat16",
    });
    writeFileSync(join(folder, "written.yml"), stdout);
    expect((await run("written.yml")).stdout).toBe(stdout);
  });

  it("writes a file, and none over another", async () => {
    expect((await run(...set.flags, "--out", "file.yml")).stderr).toBe("Wrote file.yml\n");
    const before = readFileSync(join(folder, "file.yml"), "utf8");
    expect((await run(...set.flags, "--lambda", "2", "--out", "file.yml")).code).toBe(1);
    expect(readFileSync(join(folder, "file.yml"), "utf8")).toBe(before);
    expect((await run(...set.flags, "--lambda", "2", "--out", "file.yml", "--overwrite")).code).toBe(0);
    expect(parse(readFileSync(join(folder, "file.yml"), "utf8"))).toMatchObject({ parameters: { lambda: 2 } });
  });

  it("prints it for mergekit where mergekit can express it, and says why where not", async () => {
    const { stdout } = await run(...set.flags, "--mergekit", "--compat", "mergekit");
    expect(parse(stdout)).toEqual({
      merge_method: "ties",
      base_model: set.base,
      models: [set.math, set.code].map((model) => ({ model, parameters: { weight: 1, density: 0.3 } })),
      parameters: { normalize: true },
    });
    const refused = await run(...set.flags, "--mergekit");
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(
      /^error: mergekit cannot merge like this: its rule is `trim_scope: tensor`, not `model`/,
    );
  });
});
