import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { beginOutput } from "../../src/io/outputTransaction";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

describe("a process that is killed while it writes", () => {
  it("keeps others out while it lives; then its work is there to resume, and nothing at the final name", async () => {
    const folder = temporaryFolder();
    const script = join(folder, "writer.cjs");
    buildSync({
      entryPoints: ["test/fixtures/outputWriter.ts"],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "cjs",
    });
    const out = join(folder, "merged");
    const request = { out, overwrite: false, resume: true, inputs: [], fingerprint: "same" };
    const writer = spawn(process.execPath, [script, out], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(writer.stdout, "data");
      expect(expectCode("output-locked", () => beginOutput(request)).details.pid).toBe(writer.pid);
    } finally {
      writer.kill("SIGKILL");
      await once(writer, "exit");
    }
    expect(existsSync(out)).toBe(false);
    expectCode("checkpoint-unfinished", () => openCheckpoint(join(folder, ".merged.ties-partial")));
    const output = beginOutput(request);
    expect(output.resumed).toBe(true);
    expect(output.readJournal()).toEqual([{ tensor: "a" }]);
    expect(readFileSync(output.createFile("model.safetensors", 8), "utf8")).toBe("half\0\0\0\0");
    output.commit();
    expect(existsSync(join(out, "model.safetensors"))).toBe(true);
  });
});
