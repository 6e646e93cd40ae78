/** Checkpoints that are not quite alike, on the command line: refused, or merged with a note. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { floats, writeCheckpointSet } from "../fixtures/checkpointSet";
import { readTensor } from "../fixtures/readTensor";
import { runCli } from "../fixtures/runCli";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors, type FixtureTensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const EMBEDDING = "model.embed_tokens.weight";
const { set } = writeCheckpointSet(folder, { tensors: { [EMBEDDING]: floats([1, 2, 3], [3, 1]), b: floats([1]) } }, [
  { tensors: { [EMBEDDING]: floats([2, 2, 3, 9], [4, 1]) } },
]);
const flags = ["--base", set.base ?? "", "--model", set.models[0].path, "--density", "1"];
const NOTES = ["m0 lacks b: the base's values are taken", `${EMBEDDING}: the first 3 rows are merged, which all have`];

describe("checkpoints that are not quite alike", () => {
  it("are refused with the flags that help", async () => {
    const out = join(folder, "refused");
    const first = await runCli(["merge", ...flags, "--out", out]);
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining("m0 has no b") as string]);
    const second = await runCli(["merge", ...flags, "--missing", "base", "--out", out]);
    expect(second.stderr).toMatch(/^error: The vocabularies have different sizes: .*--vocab common/);
  });

  it("are named, if it is one tensor as well as if they are several, or none", async () => {
    const write = (name: string, tensors: FixtureTensors): string => {
      const path = join(folder, `${name}.safetensors`);
      writeSafetensors(path, tensors);
      return path;
    };
    const [one, other, none] = [
      write("one", { a: floats([1, 2]) }),
      write("other", { a: floats([1, 2, 3]) }),
      write("none", {}),
    ];
    const inspect = (base: string, model: string) => runCli(["inspect", "--base", base, "--model", model]);
    expect((await inspect(one, other)).stderr).toMatch(/^error: Tensors that do not match \(1\): other: a is \[3\]/);
    const empty = `error: The checkpoint has no tensors (${none}). Check that this is the file with the weights.\n`;
    for (const [base, model] of [
      [none, write("nothing", {})],
      [one, none],
      [none, one],
    ] as const) {
      const { code, stderr } = await inspect(base, model);
      expect(code).toBe(1);
      expect(stderr).toContain(base === none ? empty : "The checkpoint has no tensors");
    }
    const { stderr } = await runCli(["inspect", ...flags, "--include", "c"]);
    expect(stderr).toContain("error: No tensor's name fits --include c without --exclude (");
  });

  it("are merged with notes among the messages and in the model card", async () => {
    const out = join(folder, "merged");
    const { code, stderr } = await runCli(["merge", ...flags, "--missing", "base", "--vocab", "common", "--out", out]);
    expect(code).toBe(0);
    expect(stderr).toContain(NOTES.map((note) => `note: ${note}\n`).join(""));
    expect(readTensor(join(out, "model.safetensors"), EMBEDDING)).toEqual([2, 2, 3]);
    const card = readFileSync(join(out, "README.md"), "utf8");
    expect(card).toContain("## Notes\n\n- m0 lacks b: the base's values are taken.\n- model.embed\\_tokens.weight: ");
  });

  it("are inspected with the same notes, and in the report", async () => {
    const { stdout, stderr } = await runCli(["inspect", ...flags, "--missing=base", "--vocab=common", "--json", "-"]);
    expect(stderr).toContain(`note: ${NOTES[1]}\n`);
    const report = JSON.parse(stdout) as InterferenceReport;
    expect(report.notes).toEqual(NOTES);
    expect(report.recipe).toMatchObject({ parameters: { vocab: "common", missing: "base" } });
  });

  it("are named in a recipe, which says what it does about them", async () => {
    const recipe = join(folder, "r.yml");
    const write = (parameters: string): void =>
      writeFileSync(
        recipe,
        `merge_method: ties\nbase_model: base\nmodels:\n  - model: m0\nparameters: {${parameters}}\n`,
      );
    write("missing: base");
    const refused = await runCli(["validate", recipe]);
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("--vocab common") as string]);
    write("missing: base, vocab: common");
    expect((await runCli(["validate", recipe])).code).toBe(0);
    write("vocab: comon");
    expect((await runCli(["validate", recipe])).stdout).toContain("did you mean `common`");
  });
});
