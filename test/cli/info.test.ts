/** `info` tells what a checkpoint holds, from its headers. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import type { FixtureTensors } from "../fixtures/writeCheckpoint";
import { writeSafetensors, writeShardedFolder } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const TENSORS: FixtureTensors = {
  "model.layers.0.weight": { dtype: "BF16", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  "model.layers.1.weight": { dtype: "BF16", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  "model.norm": { dtype: "F32", shape: [2], values: [1, 2] },
  steps: { dtype: "I64", shape: [], bytes: new Uint8Array(8) },
};
const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

describe("info --json", () => {
  it("lists every tensor of a file", async () => {
    const path = join(folder, "one.safetensors");
    writeSafetensors(path, TENSORS, { format: "pt" });
    const { code, stdout, stderr } = await runCli(["info", path, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const info = JSON.parse(stdout) as { tensors: { name: string }[] };
    expect({ ...info, tensors: [...info.tensors].sort(byName) }).toEqual({
      format: "safetensors",
      tensors: [
        { name: "model.layers.0.weight", dtype: "BF16", shape: [2, 3], bytes: 12 },
        { name: "model.layers.1.weight", dtype: "BF16", shape: [2, 3], bytes: 12 },
        { name: "model.norm", dtype: "F32", shape: [2], bytes: 8 },
        { name: "steps", dtype: "I64", shape: [], bytes: 8 },
      ],
      parameters: 15,
      bytes: 40,
      metadata: { format: "pt" },
    });
  });

  it("lists the tensors of all shards", async () => {
    const path = join(folder, "shards");
    expect(writeShardedFolder(path, TENSORS, 16).length).toBeGreaterThan(1);
    const info = JSON.parse((await runCli(["info", path, "--json"])).stdout) as {
      tensors: unknown[];
      parameters: number;
    };
    expect([info.tensors.length, info.parameters]).toEqual([4, 15]);
  });
});

describe("info", () => {
  it("groups the layers and sums up", async () => {
    const path = join(folder, "grouped.safetensors");
    writeSafetensors(path, TENSORS);
    const { stdout } = await runCli(["info", path]);
    expect(stdout).toMatch(/parameters +15\n/);
    expect(stdout).toMatch(/dtypes +BF16 \(60\.00 % of the bytes\), /);
    expect(stdout).toMatch(/model\.layers\.\*\.weight +BF16 +2×3 +×2 +24 B/);
    expect(stdout).toMatch(/steps +I64 +scalar +8 B/);
  });

  it("does not let names steer the terminal", async () => {
    const path = join(folder, "hostile.safetensors");
    writeSafetensors(path, { "a\u001b[2Jb": { dtype: "F32", shape: [1], values: [1] } });
    const { stdout } = await runCli(["info", path]);
    expect(stdout).toContain("a\\u{1b}[2Jb");
    expect(stdout).not.toContain("\u001b");
  });

  it("of ten thousand tensors takes less than five seconds, on a busy machine too", async () => {
    const path = join(folder, "many.safetensors");
    const many = Array.from({ length: 10_000 }, (_, i): [string, FixtureTensors[string]] => {
      return [`model.layers.${i}.weight`, { dtype: "F32", shape: [1], values: [i] }];
    });
    writeSafetensors(path, Object.fromEntries(many));
    const start = performance.now();
    const { stdout } = await runCli(["info", path, "--json"]);
    expect(performance.now() - start).toBeLessThan(5000);
    expect((JSON.parse(stdout) as { parameters: number }).parameters).toBe(10_000);
  });
});
