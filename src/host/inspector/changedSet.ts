/** The merge set that an inspected set becomes with what was changed in its inspector. */
import { createMergeSet } from "../../engine/plan/createMergeSet";
import { MergeError } from "../../protocol/errors";
import {
  dropsOutliers,
  keepsRandom,
  keepsVaried,
  ranksEntries,
  takesDensity,
  takesElectionRules,
  usesTaskVectors,
  type MergeSet,
} from "../../protocol/mergeSet";
import type { InspectorSettings } from "../../protocol/settings";

export interface ChangedSet {
  set: MergeSet;
  /** Which of the opened set's models it has, in its order. */
  members: number[];
}

/** Null: as it was opened. Throws `merge-set-invalid` with everything that is wrong. */
export function changedSet(opened: MergeSet, settings: InspectorSettings | null): ChangedSet {
  if (settings === null) return { set: opened, members: opened.models.map((_, index) => index) };
  if (settings.models.length !== opened.models.length) throw new MergeError("bad-message", { where: "settings" });
  const { method, compat, lambda, rules, normalize, gamma, seed, epsilon = opened.epsilon, models } = settings;
  const members = opened.models.flatMap(({ path }, index) =>
    models[index]?.on && (!usesTaskVectors(method) || path !== opened.base) ? [index] : [],
  );
  const set = createMergeSet({
    method,
    compat,
    base: opened.base,
    models: members.map((index) => {
      const { weight, density } = models[index] ?? {};
      const { path, fisher, gram } = opened.models[index];
      // Methods that do not trim know no density.
      return { path, fisher, gram, weight, ...(takesDensity(method) && { density }) };
    }),
    lambda,
    ...(takesElectionRules(method) ? { rules } : { normalize }),
    ...(keepsRandom(method) && { seed }),
    ...(dropsOutliers(method) && { gamma }),
    ...(ranksEntries(method) && { epsilon }),
    normalizeFisher: opened.normalizeFisher,
    alpha: opened.alpha,
    ...(method === "slerp" && { t: opened.t }),
    ...(method === "model_stock" && { filterWise: opened.filterWise }),
    ...(keepsVaried(method) && { selectTopk: models[members[0]]?.density }),
    include: opened.include,
    exclude: opened.exclude,
    nonFinite: opened.nonFinite,
    nonFloat: opened.nonFloat,
    vocab: opened.vocab,
    missing: opened.missing,
    outDtype: opened.outDtype,
  });
  // A model keeps its name, also where a shorter one would do among those that are left.
  const named = set.models.map((model, at) => ({
    ...model,
    name: opened.models[members[at] ?? 0]?.name ?? model.name,
  }));
  return { set: { ...set, models: named }, members };
}
