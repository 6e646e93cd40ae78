/** The rules of SCE for a tensor that all workers go through together. */
import type { MagnitudeWindow } from "../engine/merge/magnitudeWindow";
import { sceLimits } from "../engine/merge/sce";
import { selectByVariance } from "../engine/merge/selectByVariance";
import type { TrimRule } from "../engine/merge/trim";
import { batch, segmentsOf, type TrimUnit } from "../engine/plan/workPlan";
import { keepsVaried, type MergeSet } from "../protocol/mergeSet";
import { bytesOfEntries } from "./entryBytes";
import { inputsOf, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";
import { countWindows } from "./countWindows";

/** Below which sum of mean squares the shares are equal; null of other methods. */
export const sceEqualBelow = ({ method, compat }: MergeSet): number | null =>
  keepsVaried(method) ? sceLimits(compat).equalBelow : null;

/** One rule a model. */
export function sceRulesOf(
  prepared: PreparedSet,
  { tensors: [tensor], densities: [topk] }: TrimUnit,
  equalBelow: number,
  run: Run,
): Promise<TrimRule[]> {
  const inputs = inputsOf(prepared, tensor, true);
  const { elements, wide, models } = inputs;
  const items = segmentsOf(tensor, elements).map(({ start, count }) => ({ inputs, stretch: { start, count } }));
  const jobs = batch(items, ({ stretch }) => bytesOfEntries(inputs, stretch.count));
  const passes = {
    count: async (windows: readonly MagnitudeWindow[]) => {
      const counts = await countWindows(jobs, [...windows], elements, run, "variance");
      return counts.flatMap((own) => own ?? []);
    },
    sum: async (threshold: number) =>
      (await run.all(jobs.map((part) => run.submit("varianceSums", () => ({ items: part, threshold }))))).flat(),
    locate: (at: number, threshold: number, keep: number) =>
      run.submit("locateVariance", () => ({ ...items[at], threshold, keep })),
  };
  return selectByVariance(passes, { elements, wide, models: models.length }, topk, equalBelow);
}
