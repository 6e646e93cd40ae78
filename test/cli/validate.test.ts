/** `validate` lists what is wrong with a recipe; `merge` refuses the same, and tells the same warnings. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import { writeSmallSet } from "../fixtures/smallSet";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const RECIPE = "merge_method: ties\nbase_model: base\nmodels:\n  - model: math\n  - model: code\n";
let files = 0;

beforeAll(() => {
  writeSmallSet(folder);
  const values = [1, 2];
  writeSafetensors(join(folder, "other.safetensors"), { "layers.0.weight": { dtype: "F32", shape: [2], values } });
});

function write(text: string): string {
  const file = `recipe${files++}.yml`;
  writeFileSync(join(folder, file), text);
  return file;
}
const run = (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: folder });

describe("a recipe without errors", () => {
  it("is valid", async () => {
    const file = write(`${RECIPE}parameters: {weight: [{filter: layers.1, value: 0.5}]}\n`);
    expect(await run("validate", file)).toEqual({ code: 0, stderr: "", stdout: `${file}: valid, ties of 2 models\n` });
  });

  it("may have warnings", async () => {
    const file = write(`${RECIPE.replace("ties", "task_arithmetic")}parameters: {density: 0.5}\n`);
    const { code, stdout } = await run("validate", file);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `${file}:6:14: warning: \`density\` has no effect on \`task_arithmetic\`\n` +
        `${file}: valid, task_arithmetic of 2 models, 1 warning\n`,
    );
    const { stderr } = await run("merge", file, "--out", "warned", "--dry-run");
    expect(stderr).toBe(`${file}:6:14: warning: \`density\` has no effect on \`task_arithmetic\`\n`);
    expect((await run("merge", file, "--out", "warned", "--dry-run", "--quiet")).stderr).toBe("");
  });
});

describe("a recipe with errors", () => {
  it("has all of them listed, and ends with 1", async () => {
    const file = write(`${RECIPE.replace("code", "cod")}parameters: {lamda: 1, weight: [{filter: attn, value: 1}]}\n`);
    const { code, stdout, stderr } = await run("validate", file);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      `${file}:5:12: error: there is no checkpoint at ${join(folder, "cod")}`,
      `${file}:6:14: error: unknown key \`lamda\`; did you mean \`lambda\`?`,
      expect.stringMatching(/:6:42: error: no tensor's name contains `attn`/),
      `${file}: not valid, 3 errors`,
      "",
    ]);
    const merged = await run("merge", file, "--out", "refused");
    expect(merged.code).toBe(1);
    expect(merged.stderr).toMatch(/no tensor's name contains `attn`/);
  });

  it("has them as JSON with their ends", async () => {
    const file = write(RECIPE.replace("ties", "tis"));
    const { code, stdout } = await run("validate", file, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      format: "ties-merge-problems/1",
      file,
      errors: 1,
      warnings: 0,
      problems: [
        {
          line: 1,
          column: 15,
          endLine: 1,
          endColumn: 18,
          severity: "error",
          message: "unknown merge_method `tis`; did you mean `ties`?",
        },
      ],
    });
  });

  it("has checkpoints held against each other", async () => {
    const file = write(RECIPE.replace("code", "other.safetensors"));
    const { code, stdout } = await run("validate", file);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /:4:3: error: Tensors that do not match \(2\): other: layers.0.weight is \[2\], .* other has no layers.1.weight/,
    );
  });
});

it("what is no recipe is refused", async () => {
  const { code, stderr } = await run("validate", "other.safetensors");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: /);
});
