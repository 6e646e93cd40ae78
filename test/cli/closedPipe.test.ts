/** A reader that goes away (`ties-merge … | head`) is no failure; a full disk is, in words. */
import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CLI, temporaryFolder } from "../fixtures/runCli";
import type { FixtureTensors } from "../fixtures/writeCheckpoint";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();

it("output into a pipe that closes ends with 0 and without a word", async () => {
  const path = join(folder, "many.safetensors");
  // More text than a pipe holds.
  const many = Array.from({ length: 3000 }, (_, i): [string, FixtureTensors[string]] => {
    return [`model.layers.${i}.weight`, { dtype: "F32", shape: [1], values: [i] }];
  });
  writeSafetensors(path, Object.fromEntries(many));
  const child = spawn(process.execPath, [CLI, "info", path, "--json"]);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((settle) => child.on("close", settle));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

const FULL = "/dev/full";

/** Ends of `info` on a checkpoint of one tensor, with a stream that takes nothing. */
async function runInto(full: "stdout" | "stderr"): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const path = join(folder, "one.safetensors");
  writeSafetensors(path, { a: { dtype: "F32", shape: [1], values: [1] } });
  const device = openSync(FULL, "w");
  const stdio = full === "stdout" ? (["ignore", device, "pipe"] as const) : (["ignore", "pipe", device] as const);
  const child = spawn(process.execPath, [CLI, "verify", path], { stdio: [...stdio] });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (part: string) => (text[name] += part));
  }
  const code = await new Promise((settle) => child.on("close", settle));
  return { code, ...text };
}

it.skipIf(!existsSync(FULL))("results that find no room end with 1 and one error, without a stack", async () => {
  const { code, stderr } = await runInto("stdout");
  expect(code).toBe(1);
  expect(stderr).toMatch(/error: The disk is full \(standard output\)\. Free some space and run again, or.*\n$/);
  expect(stderr).not.toContain("    at ");
});

it.skipIf(!existsSync(FULL))("messages that find no room stop nothing", async () => {
  const { code, stdout } = await runInto("stderr");
  expect(code).toBe(0);
  expect(stdout).toContain("is whole: 1 tensor");
});
