/** Merges one after the other, each while the one before it is looked at. */
import { mergeWithCli } from "./mergeWithCli";
import type { DemoMerge } from "./methods";
import { TASKS, type Task } from "./tasks";

export interface QueuedMerge {
  merge: DemoMerge;
  /** Folder that it is written to. */
  out: string;
  /** Whose fine-tunes are merged; all where none are named. */
  tasks?: readonly Task[];
}

/** Merges the fine-tunes of `tasks` into the folder `out`. */
export type MergeTasks = (merge: DemoMerge, out: string, tasks: readonly Task[]) => Promise<void>;

/** Calls `look` for every merge in order, when it is written. */
export async function inQueue<Merge extends QueuedMerge>(
  merges: readonly Merge[],
  look: (merge: Merge) => void,
  mergeTasks: MergeTasks = mergeWithCli,
): Promise<void> {
  const start = (at: number): Promise<void> | null => {
    const next = merges[at];
    if (!next) return null;
    const started = mergeTasks(next.merge, next.out, next.tasks ?? TASKS);
    // A failure is thrown where it is waited for.
    started.catch(() => undefined);
    return started;
  };
  let current = start(0);
  for (const [at, merge] of merges.entries()) {
    await current;
    current = start(at + 1);
    // Looking at a merge keeps this thread busy: the next one is let go first.
    await new Promise((resolve) => setTimeout(resolve));
    look(merge);
  }
}
