/** A reader that goes away (`ties-merge … | head`) is no failure. */
import { spawn } from "node:child_process";
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
