/** How the methods hold when more tasks are merged: the first two, the first three, … of them. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { CHECKPOINTS_FOLDER, MERGED_FOLDER } from "./demoFolder";
import type { Digits } from "./digits";
import { withEngine } from "./mergeInProcess";
import { inQueue } from "./mergeQueue";
import { FIXED_MERGES, folderNameOf, labelOf, PAIR_MERGES, type DemoMerge } from "./methods";
import { sweepDigits } from "./splits";
import { TASKS } from "./tasks";

export interface Sweep {
  imagesPerTask: number;
  /** Numbers of tasks. */
  counts: number[];
  /** Normalised means, one a count; null where a method does not merge as many. */
  rows: { label: string; normalised: (number | null)[] }[];
}

/** @param evaluate accuracies of a model, one a set. */
export async function sweepTasks(
  evaluate: (folder: string, sets: readonly Digits[]) => number[],
  report: (line: string) => void,
): Promise<Sweep> {
  const counts = TASKS.map((_, index) => index + 1).filter((count) => count >= 2);
  const digits = sweepDigits();
  const own = TASKS.map(({ name }, task) => evaluate(join(CHECKPOINTS_FOLDER, name), digits.slice(task, task + 1))[0]);
  const merges: readonly DemoMerge[] = [...FIXED_MERGES, ...PAIR_MERGES];
  const rows = merges.map((merge) => ({ label: labelOf(merge), normalised: counts.map((): number | null => null) }));
  await withEngine(async (mergeTasks) => {
    for (const [column, count] of counts.entries()) {
      const queued = merges.flatMap((merge, row) => {
        if (count > 2 && PAIR_MERGES.includes(merge)) return [];
        // All tasks have been merged for the other table.
        const name = folderNameOf(merge);
        const out = join(MERGED_FOLDER, count === TASKS.length ? name : `${name}-of-${count}`);
        return [{ merge, row, out, tasks: TASKS.slice(0, count) }];
      });
      const look = ({ row, out }: (typeof queued)[number]): void => {
        const normalised = evaluate(out, digits.slice(0, count)).map((value, task) => value / (own[task] ?? NaN));
        const cells = rows[row]?.normalised;
        if (cells) cells[column] = normalised.reduce((sum, value) => sum + value, 0) / count;
        if (count < TASKS.length) rmSync(out, { recursive: true, force: true });
      };
      if (count < TASKS.length) await inQueue(queued, look, mergeTasks);
      else queued.forEach(look);
      report(`merged and evaluated ${count} tasks in ${queued.length} ways`);
    }
  });
  return { imagesPerTask: digits[0]?.count ?? 0, counts, rows };
}
