/** Merges with the engine itself: for many merges, of which each would take less time than the command line to start. */
import { join } from "node:path";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { statisticsKey } from "../../src/engine/plan/mergeSetInput";
import { createEngine, type Engine } from "../../src/worker/engine";
import { BASE } from "./demoCheckpoints";
import { CHECKPOINTS_FOLDER } from "./demoFolder";
import { FISHER_FILE, GRAM_FILE } from "./demoStatistics";
import type { MergeTasks } from "./mergeQueue";

const STATISTICS = { fisher: FISHER_FILE, gram: GRAM_FILE } as const;

/** Runs `work` with a function that merges as `mergeWithCli` does. */
export async function withEngine<T>(work: (merge: MergeTasks) => Promise<T>): Promise<T> {
  const engine = createEngine();
  try {
    return await work((merge, out, tasks) => mergeTasks(engine, merge, out, tasks));
  } finally {
    await engine.close();
  }
}

const mergeTasks = async (engine: Engine, ...[merge, out, tasks]: Parameters<MergeTasks>): Promise<void> => {
  const { method, density, selectTopk, lambda } = merge;
  const key = statisticsKey(method);
  const models = tasks.map(({ name }) => {
    const path = join(CHECKPOINTS_FOLDER, name);
    return { path, ...(key && { [key]: join(path, STATISTICS[key]) }) };
  });
  const base = method === "slerp" ? null : join(CHECKPOINTS_FOLDER, BASE);
  const set = createMergeSet({ method, base, models, density, selectTopk, lambda });
  const output = { out, shardSize: 5e9, overwrite: true, resume: false };
  const context = { signal: new AbortController().signal, progress: () => undefined };
  await engine.merge({ set, output, statistics: false }, context);
};
