/** Finds the trim rules of one unit over all workers, in exact passes over the files. */
import { digitsOf, RADIX, Selection } from "../engine/merge/select";
import { KEEP_ALL, type TrimRule } from "../engine/merge/trim";
import { batch, segmentsOf, type TrimUnit } from "../engine/plan/workPlan";
import type { CountJob, Stretch, TensorInputs } from "./computeApi";
import { inputsOf, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";

type Item = { inputs: TensorInputs; stretch: Stretch };

/** How often the entries of a unit are read to find its rules: once a digit, and perhaps once more for ties. */
export const trimPasses = (unit: TrimUnit): number => digitsOf(unit.wide);

/** Rules of a unit: `tieEnd` counts from the first entry of the unit. */
export async function trimRulesOfUnit(prepared: PreparedSet, unit: TrimUnit, run: Run): Promise<TrimRule[]> {
  const { models, rules } = prepared.set;
  if (unit.elements === 0) return models.map(() => KEEP_ALL);
  const wide = unit.wide;
  const selections = models.map(({ density }) => new Selection(unit.elements, density, rules.trimTies, wide));
  const items = itemsOf(prepared, unit);
  const jobs = batch(items, ({ stretch }) => stretch.count);
  for (;;) {
    const digits = selections.map((selection) => selection.nextDigit());
    if (digits.every((digit) => digit === null)) break;
    const counts = await countDigits(jobs, digits, run);
    selections.forEach((selection, t) => counts[t] && selection.take(counts[t]));
  }
  const ends = await placeTies(unit, prepared, items, jobs, selections, run);
  return selections.map((selection, t) => selection.rule(ends[t]));
}

/** The same rules for one tensor of the unit: `tieEnd` counts from its first entry. */
export function rulesOfTensor(
  prepared: Pick<PreparedSet, "tensors">,
  unit: TrimUnit,
  rules: readonly TrimRule[],
  tensor: number,
): TrimRule[] {
  let before = 0;
  for (const index of unit.tensors) {
    if (index === tensor) break;
    before += prepared.tensors[index].elements;
  }
  return rules.map(({ threshold, tieEnd }) => ({ threshold, tieEnd: tieEnd - before }));
}

function itemsOf(prepared: PreparedSet, unit: TrimUnit): Item[] {
  return unit.tensors.flatMap((tensor) => {
    const inputs = inputsOf(prepared, tensor, true);
    return segmentsOf(tensor, inputs.elements).map((stretch) => ({ inputs, stretch }));
  });
}

async function countDigits(
  jobs: readonly Item[][],
  digits: CountJob["digits"],
  run: Run,
): Promise<(Float64Array | null)[]> {
  const totals = digits.map((digit) => (digit ? new Float64Array(RADIX) : null));
  await run.all(
    jobs.map(async (items) => {
      const counts = await run.submit("count", () => ({ items, digits }));
      counts.forEach((count, t) => {
        const total = totals[t];
        if (count && total) for (let bucket = 0; bucket < RADIX; bucket++) total[bucket] += count[bucket];
      });
    }),
  );
  return totals;
}

/** For each model, the flat index in the unit behind the last entry that stays of those equal to its threshold. */
async function placeTies(
  unit: TrimUnit,
  prepared: PreparedSet,
  items: readonly Item[],
  jobs: readonly Item[][],
  selections: readonly Selection[],
  run: Run,
): Promise<(number | undefined)[]> {
  const places = selections.map((selection) => selection.tiesToPlace());
  if (places.every((place) => place === null)) return places.map(() => undefined);
  const thresholds = places.map((place) => place?.threshold ?? null);
  const equal = (
    await run.all(jobs.map((part) => run.submit("countEqual", () => ({ items: part, thresholds }))))
  ).flat();
  const starts = startsOf(prepared, unit, items);
  return run.all(
    places.map(async (place, model) => {
      if (!place) return undefined;
      let keep = place.keep;
      const at = equal.findIndex((counts) => {
        if (counts[model] >= keep) return true;
        keep -= counts[model];
        return false;
      });
      const { inputs, stretch } = items[at];
      const end = await run.submit("locate", () => ({ inputs, stretch, model, threshold: place.threshold, keep }));
      return starts[at] + end;
    }),
  );
}

/** Flat index in the unit of the first entry of each item's tensor. */
function startsOf(prepared: PreparedSet, unit: TrimUnit, items: readonly Item[]): number[] {
  const byName = new Map<string, number>();
  let before = 0;
  for (const index of unit.tensors) {
    byName.set(prepared.tensors[index].name, before);
    before += prepared.tensors[index].elements;
  }
  return items.map(({ inputs }) => byName.get(inputs.name) ?? 0);
}
