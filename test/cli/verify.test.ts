/** `verify` reads every value and ends with 1 when something is wrong. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import { safetensorsBytes, writeSafetensors, writeShardedFolder } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const WHOLE = {
  a: { dtype: "F32", shape: [3], values: [1, 2, 3] },
  b: { dtype: "F16", shape: [2], values: [1, -1] },
} as const;
const tensors = { a: { ...WHOLE.a, shape: [3] }, b: { ...WHOLE.b, shape: [2] } };

describe("verify", () => {
  it("finds a whole checkpoint whole", async () => {
    writeShardedFolder(join(folder, "whole"), tensors, 12);
    const { code, stdout } = await runCli(["verify", join(folder, "whole"), "--quiet"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/is whole: 2 tensors, 16 B, every value finite\n$/);
  });

  it("names the tensors that hold NaN or infinity", async () => {
    const path = join(folder, "nan.safetensors");
    writeSafetensors(path, {
      a: { dtype: "F32", shape: [3], values: [1, NaN, Infinity] },
      b: { dtype: "BF16", shape: [1], values: [-Infinity] },
      c: { dtype: "F32", shape: [1], values: [0] },
    });
    const { code, stdout, stderr } = await runCli(["verify", path, "--quiet"]);
    expect(code).toBe(1);
    expect(stdout.match(/^\w(?=: )/gm)).toEqual(["a", "b"]);
    expect(stderr).toMatch(/^error: Problems found in the checkpoint: 2 /);
  });

  it("refuses a file that was cut", async () => {
    const path = join(folder, "cut.safetensors");
    const bytes = safetensorsBytes(tensors);
    writeFileSync(path, bytes.subarray(0, bytes.length - 1));
    const { code, stdout, stderr } = await runCli(["verify", path, "--quiet"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: .*cut\.safetensors/);
    expect(readFileSync(path).length).toBe(bytes.length - 1);
  });
});
