/** `ties-merge` as it ships: the command line inside the installed extension. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

export function tiesMerge(...parameters: string[]): string {
  const program = join(inject("extension"), "dist/cli.js");
  return execFileSync(process.execPath, [program, ...parameters], { encoding: "utf8", maxBuffer: 1e9, stdio: "pipe" });
}

/** SHA-256 of a merged model's weights. */
export const weightsDigest = (folder: string): string =>
  createHash("sha256")
    .update(new Uint8Array(readFileSync(join(folder, "model.safetensors"))))
    .digest("hex");
