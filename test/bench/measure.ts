/** Whole processes, measured from outside: wall time from start to end, processor time and peak resident memory. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface Usage {
  seconds: number;
  cpuSeconds: number;
  peakBytes: number;
}

const CLI = resolve("dist/cli.js");

/** Runs `ties-merge` as people run it. */
export function runCli(args: readonly string[]): Usage {
  const folder = mkdtempSync(join(tmpdir(), "ties-merge-usage-"));
  const file = join(folder, "usage.json");
  try {
    const env = { ...process.env, RESOURCES_FILE: file };
    const seconds = timed([process.execPath, "--require", resolve("test/bench/resources.cjs"), CLI, ...args], env);
    return { seconds, ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Usage, "seconds">) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Wall time of a process; its output is shown only when it fails. */
export function timed([command, ...args]: readonly string[], env = process.env): number {
  const begin = performance.now();
  const { status, stderr, stdout, error } = spawnSync(command, args, { env, encoding: "utf8", maxBuffer: 2 ** 30 });
  const seconds = (performance.now() - begin) / 1000;
  if (status !== 0) throw error ?? new Error(`${[command, ...args].join(" ")} failed:\n${stdout}${stderr}`);
  return seconds;
}

/** The run with the median wall time. */
export function medianOf<T extends { seconds: number }>(runs: readonly T[]): T {
  const sorted = [...runs].sort((a, b) => a.seconds - b.seconds);
  return sorted[(sorted.length - 1) >> 1];
}
