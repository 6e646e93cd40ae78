/** One exact pass of all workers over some stretches: how many entries lie in windows. */
import { countsLength } from "../engine/merge/magnitudeWindow";
import type { CollectJob, CountJob } from "./computeApi";
import { collectedLength } from "./passCounts";
import type { Run } from "./run";

type Counts = CollectJob["into"];

let lastPass = 0;

/** One pass over `elements` entries: the counts of each model that has a window; `of` variance, of each window. */
export async function countWindows(
  jobs: readonly CountJob["items"][],
  windows: CountJob["windows"],
  elements: number,
  run: Run,
  of?: CountJob["of"],
): Promise<(Counts | null)[]> {
  const pass = ++lastPass;
  const length = collectedLength(windows);
  const counts =
    elements < 2 ** 32
      ? new Uint32Array(new SharedArrayBuffer(4 * length))
      : new Float64Array(new SharedArrayBuffer(8 * length));
  try {
    await run.all(jobs.map((items) => run.submit("count", () => ({ pass, items, windows, ...(of && { of }) }))));
  } finally {
    await run.onEach("collect", { pass, into: counts });
  }
  let end = 0;
  return windows.map((window) => {
    if (!window) return null;
    const begin = end;
    end += countsLength(window);
    return counts.subarray(begin, end);
  });
}
