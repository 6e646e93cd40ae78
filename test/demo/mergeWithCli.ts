/** Merges with the command line, as a person would. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { BASE } from "./demoCheckpoints";
import { CHECKPOINTS_FOLDER, PROJECT_FOLDER } from "./demoFolder";
import { FISHER_FILE, GRAM_FILE } from "./demoStatistics";
import type { DemoMerge } from "./methods";
import type { Task } from "./tasks";

const run = promisify(execFile);

/** Merges the fine-tunes of `tasks` into the folder `out`. Throws what the command line says where it refuses. */
export async function mergeWithCli(merge: DemoMerge, out: string, tasks: readonly Task[]): Promise<void> {
  const options = [
    // SLERP would go from the base.
    merge.method === "slerp" ? [] : ["--base", join(CHECKPOINTS_FOLDER, BASE)],
    ...tasks.map(({ name }) => ["--model", join(CHECKPOINTS_FOLDER, name)]),
    ["--method", merge.method],
    merge.density === undefined ? [] : ["--density", String(merge.density)],
    merge.lambda === undefined ? [] : ["--lambda", String(merge.lambda)],
    merge.selectTopk === undefined ? [] : ["--select-topk", String(merge.selectTopk)],
    ...tasks.map(({ name }) => statisticsOptions(merge, name)),
    ["--out", out, "--overwrite", "--quiet"],
  ];
  try {
    await run(process.execPath, [join(PROJECT_FOLDER, "dist", "cli.js"), "merge", ...options.flat()]);
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw stderr ? new Error(stderr.trim()) : error;
  }
}

/** The file that Fisher merging and RegMean need of each model. */
function statisticsOptions({ method }: DemoMerge, task: string): string[] {
  if (method === "fisher") return ["--fisher", join(CHECKPOINTS_FOLDER, task, FISHER_FILE)];
  return method === "regmean" ? ["--gram", join(CHECKPOINTS_FOLDER, task, GRAM_FILE)] : [];
}
