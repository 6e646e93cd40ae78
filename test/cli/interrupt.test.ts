/** Ctrl-C during a merge: nothing at the final name, and --resume goes on from what was finished. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { writeRandomSet } from "../fixtures/randomSet";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import type { CliResult } from "../fixtures/runCli";

const folder = temporaryFolder();
let flags: string[];
beforeAll(() => {
  // Large enough that the merge is still under way when the first line of progress has come.
  const { base, models } = writeRandomSet(folder, { models: ["a", "b", "c"], layers: 24, edge: 512 });
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

/** Sends the signal when a line of progress has come that `when` accepts. */
function mergeInterrupted(out: string, signal: NodeJS.Signals): Promise<CliResult> {
  let sent = false;
  return runCli(["merge", ...flags, "--out", join(folder, out)], {
    onMessage: (child, stderr) => {
      if (sent || !/^merge \d/m.test(stderr)) return;
      sent = true;
      setTimeout(() => child.kill(signal), 300);
    },
  });
}

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  it("ends the merge with 130 and tells how to go on", async () => {
    const { code, stdout, stderr } = await mergeInterrupted(signal, signal);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/^Cancelled\. Run again, with --resume/m);
    expect(existsSync(join(folder, signal))).toBe(false);
  });

  it("leaves what --resume completes to the same bytes", async () => {
    const { code, stdout } = await runCli(["merge", ...flags, "--out", join(folder, signal), "--resume"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/tensors +48, [1-9]\d* of them from before/);
    const whole = join(folder, `${signal}-whole`);
    expect((await runCli(["merge", ...flags, "--out", whole])).code).toBe(0);
    for (const file of ["model.safetensors", "README.md", "ties_recipe.yml"]) {
      expect(readFileSync(join(folder, signal, file)).equals(readFileSync(join(whole, file)))).toBe(true);
    }
  });
});
