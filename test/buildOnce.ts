/** The tests of workers and of the command line run what is shipped: bundle it first. */
import { execFileSync } from "node:child_process";

export default function buildOnce(): void {
  execFileSync(process.execPath, ["esbuild.mjs"], { stdio: "inherit" });
}
