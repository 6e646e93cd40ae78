import { existsSync } from "node:fs";
import { join } from "node:path";

/** Path of a bundled worker: beside this bundle, or in dist/ when the sources themselves run (tests, benches). */
export function workerScript(name: "computeWorker" | "engineWorker"): string {
  const beside = join(__dirname, `${name}.js`);
  return existsSync(beside) ? beside : join(__dirname, "..", "..", "dist", `${name}.js`);
}

/** What the process was started with, such as loaders of modules, is nothing to a worker but time to start. */
export const NO_FLAGS: string[] = [];
