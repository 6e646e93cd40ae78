/** Finds the trim rules of one unit over all workers, in exact passes over the files. */
import { WIDE_DIGITS } from "../engine/merge/magnitudeWindow";
import { bandDensities, bandRules } from "../engine/merge/breadcrumbs";
import { Selection } from "../engine/merge/select";
import { KEEP_ALL, type TrimRule } from "../engine/merge/trim";
import { isGuessed, LARGE_SAMPLE, sampleGroups } from "../engine/plan/sampleBlocks";
import { batch, segmentsOf, type TrimUnit } from "../engine/plan/workPlan";
import { keepsBand, keepsVaried, type MergeSet } from "../protocol/mergeSet";
import type { GuessJob, JobBase, Stretch, TensorInputs } from "./computeApi";
import { countWindows } from "./countWindows";
import { bytesOfEntries } from "./entryBytes";
import { inputsOf, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";
import { sceEqualBelow, sceRulesOf } from "./sceRules";

type Item = { inputs: TensorInputs; stretch: Stretch };

/** How often the entries of a unit are usually read to find its rules; and perhaps once more for ties. */
export function trimPasses(unit: TrimUnit, set: MergeSet): number {
  const unguessed = unit.wide ? WIDE_DIGITS : 2;
  if (keepsVaried(set.method)) return unit.densities[0] < 1 ? unguessed + 1 : 1;
  const first = isGuessed(unit) ? 1 : unguessed;
  return gammaOf(set) === null ? first : first + unguessed;
}

/** The share of outliers that is dropped; null where none are looked for. */
export const gammaOf = ({ method, gamma }: MergeSet): number | null => (keepsBand(method) ? gamma : null);

/** Rules of a unit: `tieEnd` counts from the first entry of the unit. */
export async function trimRulesOfUnit(prepared: PreparedSet, unit: TrimUnit, run: Run): Promise<TrimRule[]> {
  const equalBelow = sceEqualBelow(prepared.set);
  if (equalBelow !== null) return sceRulesOf(prepared, unit, equalBelow, run);
  const gamma = gammaOf(prepared.set);
  if (gamma === null) return searchRules(prepared, unit, run);
  const [kept, outliers] = bandDensities(unit.elements, unit.densities, gamma);
  return bandRules(
    await searchRules(prepared, { ...unit, densities: kept }, run),
    await searchRules(prepared, { ...unit, densities: outliers }, run),
  );
}

async function searchRules(prepared: PreparedSet, unit: TrimUnit, run: Run): Promise<TrimRule[]> {
  const { models, rules } = prepared.set;
  if (unit.elements === 0) return models.map(() => KEEP_ALL);
  const guesses = isGuessed(unit) ? await run.submit("guess", () => guessJob(prepared, unit)) : [];
  const selections = unit.densities.map(
    (density, t) => new Selection(unit.elements, density, rules.trimTies, unit.wide, guesses[t]),
  );
  const items = itemsOf(prepared, unit);
  const jobs = batch(items, ({ inputs, stretch }) => bytesOfEntries(inputs, stretch.count));
  for (;;) {
    const windows = selections.map((selection) => selection.nextWindow());
    if (windows.every((window) => window === null)) break;
    const counts = await countWindows(jobs, windows, unit.elements, run);
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
  return rules.map(({ threshold, tieEnd, outliers, sce }) => ({
    ...(sce && { sce }),
    threshold,
    tieEnd: tieEnd - before,
    ...(outliers && { outliers: { ...outliers, tieEnd: outliers.tieEnd - before } }),
  }));
}

function itemsOf(prepared: PreparedSet, unit: TrimUnit): Item[] {
  return unit.tensors.flatMap((tensor) => {
    const inputs = inputsOf(prepared, tensor, true);
    return segmentsOf(tensor, inputs.elements).map((stretch) => ({ inputs, stretch }));
  });
}

function guessJob(prepared: PreparedSet, unit: TrimUnit): Omit<GuessJob, keyof JobBase> {
  const { set } = prepared;
  const sample = sampleGroups(prepared.tensors, unit, LARGE_SAMPLE).map((group) =>
    group.map(({ tensor, stretches }) => ({ inputs: inputsOf(prepared, tensor, true), stretches })),
  );
  return { sample, elements: unit.elements, densities: [...unit.densities], ties: set.rules.trimTies, lists: false };
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
