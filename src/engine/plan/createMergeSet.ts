/** Merge sets from what a person chose: the defaults that recipes, flags and the editor share. */
import { MergeError } from "../../protocol/errors";
import {
  DEFAULT_ALPHA,
  DEFAULT_EPSILON,
  DEFAULT_GAMMA,
  DEFAULT_T,
  PRESETS,
  SCE_RULES,
  dropsOutliers,
  electsSigns,
  keepsBand,
  keepsRandom,
  keepsVaried,
  ranksEntries,
} from "../../protocol/mergeSet";
import type { Compat, MergeSet, Method, SliceParameters, TiesRules } from "../../protocol/mergeSet";
import { DEFAULT_COMPAT, DEFAULT_METHOD, mergedIndices, statisticsKey, withEndpoints } from "./mergeSetInput";
import type { MergeSetInput } from "./mergeSetInput";
import { mergeSetProblems } from "./mergeSetProblems";
import { checkpointName, modelNames } from "./modelNames";
import { isPlain, plainValue } from "./parameterSetting";
import { sliceParameters } from "./sliceParameters";

/**
 * The merge set that `said` stands for, every field resolved. What a method does not use takes one fixed value,
 * so that two sets that merge alike are equal. The base itself is no model of `ties` and `task_arithmetic`: its
 * task vector is 0. Throws `merge-set-invalid` with everything that is wrong.
 */
export function createMergeSet(said: MergeSetInput): MergeSet {
  const problems = mergeSetProblems(said);
  if (problems.length > 0) {
    const list = problems.map(({ message }) => message).join("; ");
    throw new MergeError("merge-set-invalid", { where: "", count: problems.length, list });
  }
  const input = withEndpoints(said);
  const { method = DEFAULT_METHOD, compat = DEFAULT_COMPAT } = input;
  const merged = mergedIndices(input);
  const paths = merged.map((at) => input.models[at].path);
  const key = statisticsKey(method);
  const names = modelNames(paths);
  const slices = sliceParameters(input);
  const [first] = slices;
  const normalize = plainValue(first.normalize);
  return {
    method,
    compat,
    base: input.base ?? null,
    models: paths.map((path, i) => ({
      path,
      name: names[i] ?? checkpointName(path),
      weight: plainValue(first.models[i].weight),
      density: plainValue(first.models[i].density),
      ...(key && { [key]: input[key]?.[merged[i]] ?? input.models[merged[i]][key] }),
    })),
    lambda: plainValue(first.lambda),
    rules: electsSigns(method)
      ? { ...tiesRules(method, input, compat), normalize }
      : { ...PRESETS[compat], ...trimmingOf(method, PRESETS[compat]) },
    normalize,
    normalizeFisher: method === "fisher" && (input.normalizeFisher ?? false),
    gamma: dropsOutliers(method) ? (input.gamma ?? DEFAULT_GAMMA) : 0,
    seed: keepsRandom(method) ? (input.seed ?? 0) : 0,
    alpha: method === "regmean" ? (input.alpha ?? DEFAULT_ALPHA) : DEFAULT_ALPHA,
    ...(input.rank === undefined ? {} : { rank: input.rank }),
    ...(method === "model_stock" && { filterWise: input.filterWise ?? false }),
    ...(ranksEntries(method) && { epsilon: input.epsilon ?? DEFAULT_EPSILON }),
    ...(first.t !== undefined && { t: plainValue(first.t) }),
    ...(first.selectTopk !== undefined && { selectTopk: plainValue(first.selectTopk) }),
    include: [...(input.include ?? [])],
    exclude: [...(input.exclude ?? [])],
    nonFinite: input.nonFinite ?? "error",
    nonFloat: input.nonFloat ?? "error",
    vocab: input.vocab ?? "error",
    missing: input.missing ?? "error",
    outDtype: input.outDtype ?? null,
    ...(isSameEverywhere(slices) ? {} : { slices }),
  };
}

/** Whether every parameter is one value for all tensors. */
function isSameEverywhere(slices: readonly SliceParameters[]): boolean {
  const values = slices.map(({ models, lambda, normalize, t = DEFAULT_T }) => [
    ...models.flatMap(({ weight, density }) => [weight, density]),
    lambda,
    normalize,
    t,
  ]);
  return values.every((all) => all.every((value, i) => isPlain(value) && value === values[0][i]));
}

/** The preset's rules, single ones replaced by what was said. */
function tiesRules(method: Method, input: MergeSetInput, compat: Compat): TiesRules {
  if (keepsVaried(method)) return SCE_RULES;
  const preset = PRESETS[compat];
  const said = Object.entries(input.rules ?? {}).filter(([, value]) => value !== undefined);
  const rules = { ...preset, ...Object.fromEntries(said) };
  // What is drawn is not trimmed; Breadcrumbs and pruning trim tensor by tensor.
  return method === "ties" ? rules : { ...rules, ...trimmingOf(method, preset) };
}

const trimmingOf = (method: Method, { trimScope, trimTies }: TiesRules): Pick<TiesRules, "trimScope" | "trimTies"> =>
  keepsBand(method) ? { trimScope: "tensor", trimTies: "exact" } : { trimScope, trimTies };
