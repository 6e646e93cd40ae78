/** A merge set as a YAML file for mergekit itself, where mergekit can express it. */
import { stringify } from "yaml";
import { MergeError } from "../../protocol/errors";
import {
  keepsBand,
  keepsRandom,
  keepsShare,
  PRESETS,
  ranksEntries,
  takesWeights,
  usesTaskVectors,
} from "../../protocol/mergeSet";
import type { MergeSet, SliceParameters } from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";
import { ADAPTER_JOINT } from "./modelReference";
import { entriesOf, plainValue, valuesOf } from "./parameterSetting";
import { RULE_KEYS } from "./recipeKeys";
import { ruleKeys, slicesOf } from "./resolvedRecipe";

/** Dtypes that mergekit writes. */
const MERGEKIT_DTYPES: readonly MergeSet["outDtype"][] = [null, "F32", "F16", "BF16"];

/** Stands above a recipe with random masks. */
const RANDOM_NOTE =
  "# mergekit draws random numbers of its own: the same method, other entries than ties-merge keeps. It scales what it\n" +
  "# keeps to the L1 norm that its tensor had, where ties-merge divides by the probability.\n" +
  "# Its option --random-seed makes them the same at every run.\n";

/**
 * The set in mergekit's keys alone. Throws `not-mergekit` with every reason why mergekit cannot merge alike: it would
 * pass over keys that it does not know, and merge something else.
 */
export function mergekitYaml(set: MergeSet): string {
  const reasons = mergekitObstacles(set);
  if (reasons.length > 0) throw new MergeError("not-mergekit", { where: "", list: reasons.join("; ") });
  const recipe = stringify(
    {
      merge_method: set.method,
      // To an average mergekit would add the base; here it has only lent its configuration.
      ...baseModel(set),
      ...modelsAndParameters(set),
      // Computed as here, and rounded once.
      ...(set.outDtype === null ? {} : { dtype: RECIPE_DTYPES.F32, out_dtype: RECIPE_DTYPES[set.outDtype] }),
    },
    { lineWidth: 0 },
  );
  return keepsRandom(set.method) ? RANDOM_NOTE + recipe : recipe;
}

/** Methods that mergekit has, under the same name. */
const isMergekits = (method: MergeSet["method"]): boolean =>
  !["magnitude_prune", "cat", "fisher", "regmean"].includes(method);

function baseModel({ method, base, models }: MergeSet): { base_model?: string } {
  // There, slerp goes from the base: without one, the first model is it.
  if (method === "slerp") return { base_model: models[0].path };
  return base === null || method === "linear" ? {} : { base_model: base };
}

/** See `sceOptions`. */
const SCE_WEIGHS_EQUALLY =
  "its `sce` weighs models equally where their mean squares add up to less than 1e-6 (`compat: mergekit`)";

function mergekitObstacles(set: MergeSet): string[] {
  if (!isMergekits(set.method)) return [`it has no \`${set.method}\``];
  const reasons: string[] = [];
  if (set.base === null && usesTaskVectors(set.method)) reasons.push("it cannot merge adapters with one another");
  if (set.rank !== undefined) reasons.push("it cannot factor a merge to a rank (`rank`)");
  reasons.push(...ruleObstacles(set));
  if (set.include.length + set.exclude.length > 0) reasons.push("it cannot leave tensors out (`include`, `exclude`)");
  if (set.nonFinite !== "error") reasons.push("it cannot take the base's value for NaN or Inf (`non_finite`)");
  if (set.nonFloat !== "error") reasons.push("it cannot take the base's integer tensors (`non_float`)");
  if (set.vocab !== "error") reasons.push("it cannot merge the rows that vocabularies have in common (`vocab`)");
  if (set.missing !== "error") reasons.push("it cannot take the base's values for missing tensors (`missing`)");
  if (!MERGEKIT_DTYPES.includes(set.outDtype)) reasons.push(`it cannot write ${set.outDtype}`);
  const lambdas = slicesOf(set).flatMap(({ lambda }) => valuesOf(lambda));
  if (set.method === "model_stock" && lambdas.some((lambda) => lambda !== 1)) {
    reasons.push("its `model_stock` has no `lambda`");
  }
  if (set.method === "sce") {
    if (lambdas.some((lambda) => lambda !== 1)) reasons.push("its `sce` has no `lambda`");
    if (set.compat !== "mergekit") reasons.push(SCE_WEIGHS_EQUALLY);
  }
  const densities = slicesOf(set).flatMap(({ models }) => models.flatMap(({ density }) => valuesOf(density)));
  if (takesWeights(set.method) && keepsShare(set.method) && densities.includes(0))
    reasons.push("it refuses a density of 0");
  const paths = [...(set.base === null ? [] : [set.base]), ...set.models.map(({ path }) => path)];
  const odd = paths.find((path) =>
    /[+@]/.test(path.replace(ADAPTER_JOINT, "") /* which mergekit reads as it is meant */),
  );
  if (odd !== undefined) reasons.push(`to it, \`+\` and \`@\` in a path begin an adapter or a revision (${odd})`);
  if (new Set(set.models.map(({ path }) => path)).size < set.models.length) {
    reasons.push("it merges each model once, and one is listed twice");
  }
  return reasons;
}

function ruleObstacles(set: MergeSet): string[] {
  const preset = PRESETS.mergekit;
  return ruleKeys(set).flatMap((key) => {
    const { field } = RULE_KEYS[key];
    const [own, needed] = [set.rules[field], preset[field]];
    return own === needed ? [] : [`its rule is \`${key}: ${needed}\`, not \`${own}\``];
  });
}

function modelsAndParameters(set: MergeSet): Record<string, unknown> {
  const slices = slicesOf(set);
  const [first] = slices;
  if (first.layers === null) {
    return {
      models: set.models.map(({ path }, t) => ({ model: path, parameters: modelParameters(set, first, t) })),
      parameters: { ...commonParameters(set, first), ...methodParameters(set) },
    };
  }
  return {
    slices: slices.map((slice) => ({
      sources: [
        // Of slices, mergekit wants the base among the sources.
        ...(set.base === null || !usesTaskVectors(set.method) ? [] : [{ model: set.base, layer_range: slice.layers }]),
        ...set.models.map(({ path }, t) => {
          return { model: path, layer_range: slice.layers, parameters: modelParameters(set, slice, t) };
        }),
      ],
      parameters: commonParameters(set, slice),
    })),
    ...(keepsBand(set.method) || ranksEntries(set.method) || set.filterWise
      ? { parameters: methodParameters(set) }
      : {}),
  };
}

function modelParameters({ method }: MergeSet, { models }: SliceParameters, t: number): Record<string, unknown> {
  if (!takesWeights(method)) return {};
  const { weight, density } = models[t];
  return keepsShare(method) ? { weight, density } : { weight };
}

function commonParameters(
  { method }: MergeSet,
  { lambda, normalize, t, selectTopk }: SliceParameters,
): Record<string, unknown> {
  if (selectTopk !== undefined) return { select_topk: selectTopk };
  if (!takesWeights(method)) return t === undefined ? {} : { t };
  const isOne = entriesOf(lambda).length === 1 && plainValue(lambda) === 1 && !Array.isArray(lambda);
  return { normalize, ...(method === "linear" || isOne ? {} : { lambda }) };
}

/** The same for all tensors, and so at the top also of slices. */
function methodParameters({ method, gamma, epsilon, filterWise }: MergeSet): Record<string, unknown> {
  if (filterWise) return { filter_wise: true };
  if (ranksEntries(method)) return { epsilon };
  return keepsBand(method) ? { gamma } : {};
}
