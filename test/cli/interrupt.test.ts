/** Ctrl-C during a merge: nothing at the final name, and --resume goes on from what was finished. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { JOURNAL_FILE, partialFolderOf } from "../../src/io/partialFolder";
import { writeRandomSet } from "../fixtures/randomSet";
import { CLI, runCli, temporaryFolder } from "../fixtures/runCli";

const folder = temporaryFolder();
let flags: string[];
beforeAll(() => {
  // Many tensors, so that most are still to be merged when the first are finished.
  const { base, models } = writeRandomSet(folder, { models: ["a", "b", "c"], layers: 40, edge: 512 });
  flags = [
    "--base",
    base,
    ...models.flatMap((model) => ["--model", model]),
    "--trim-scope",
    "tensor",
    "--threads",
    "1",
  ];
});

const finishedTensors = (out: string): number => {
  const journal = join(partialFolderOf(out), JOURNAL_FILE);
  return existsSync(journal) ? readFileSync(journal, "utf8").split('"stretch"').length - 1 : 0;
};

/** Runs a merge and sends the signal as soon as a few tensors are finished. */
async function interruptedMerge(
  out: string,
  signal: NodeJS.Signals,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, "merge", ...flags, "--out", out]);
  const result = { code: null as unknown, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (result.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (result.stderr += text));
  const closed = new Promise((settle) => child.on("close", settle));
  while (child.exitCode === null && finishedTensors(out) < 3) await sleep(5);
  child.kill(signal);
  result.code = await closed;
  return result;
}

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  it("ends the merge with 130 and tells how to go on", async () => {
    const out = join(folder, signal);
    const { code, stdout, stderr } = await interruptedMerge(out, signal);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/^Cancelled\. Run again, with --resume/m);
    expect(existsSync(out)).toBe(false);
  });

  it("leaves what --resume completes to the same bytes", async () => {
    const out = join(folder, signal);
    const { code, stdout } = await runCli(["merge", ...flags, "--out", out, "--resume"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/tensors +80, [1-9]\d* of them from before/);
    const whole = join(folder, `${signal}-whole`);
    expect((await runCli(["merge", ...flags, "--out", whole])).code).toBe(0);
    for (const file of ["model.safetensors", "README.md", "ties_recipe.yml"]) {
      expect(readFileSync(join(out, file)).equals(readFileSync(join(whole, file)))).toBe(true);
    }
  });
});
