/** A merge set as a recipe with nothing left to a default: what `ties_recipe.yml` and the report hold. */
import { stringify } from "yaml";
import {
  dropsOutliers,
  electsSigns,
  keepsRandom,
  keepsShare,
  takesElectionRules,
  takesWeights,
  usesTaskVectors,
  type MergeSet,
  type SliceParameters,
} from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";
import { ELECTION_KEYS, POLICY_KEYS, RULE_KEYS } from "./recipeKeys";

/** mergekit's keys and ours, every one explicit that the method uses; paths are absolute. */
export function resolvedRecipe(set: MergeSet): Record<string, unknown> {
  return {
    merge_method: set.method,
    ...(set.base === null ? {} : { base_model: set.base }),
    ...modelsAndParameters(set),
    ...(set.outDtype === null ? {} : { out_dtype: RECIPE_DTYPES[set.outDtype] }),
  };
}

/** The resolved recipe as YAML, which `parseRecipe` reads as the same merge set. */
export const recipeYaml = (set: MergeSet): string => stringify(resolvedRecipe(set), { lineWidth: 0 });

/** Models with what is said of each, then what is said of all. */
function modelsAndParameters(set: MergeSet): Record<string, unknown> {
  const slices = slicesOf(set);
  const [first] = slices;
  const rest = commonParameters(set);
  if (first.layers === null) {
    return {
      models: set.models.map(({ path }, t) => ({ model: path, parameters: modelParameters(set, first, t) })),
      parameters: { compat: set.compat, ...sliceParameters(set, first), ...rest },
    };
  }
  return {
    slices: slices.map((slice) => ({
      sources: set.models.map(({ path }, t) => {
        return { model: path, layer_range: slice.layers, parameters: modelParameters(set, slice, t) };
      }),
      parameters: sliceParameters(set, slice),
    })),
    parameters: { compat: set.compat, ...rest },
  };
}

/** The parameters of a set stretch by stretch; one stretch where they are the same for all tensors. */
export const slicesOf = (set: MergeSet): readonly SliceParameters[] =>
  set.slices ?? [
    {
      layers: null,
      models: set.models,
      lambda: set.lambda,
      normalize: electsSigns(set.method) ? set.rules.normalize : set.normalize,
      ...(set.t !== undefined && { t: set.t }),
      ...(set.selectTopk !== undefined && { selectTopk: set.selectTopk }),
    },
  ];

function modelParameters({ method, models }: MergeSet, slice: SliceParameters, t: number): Record<string, unknown> {
  const { weight, density } = slice.models[t];
  const { fisher, gram } = models[t];
  if (method === "regmean") return { gram };
  if (!takesWeights(method)) return {};
  return { weight, ...(keepsShare(method) ? { density } : {}), ...(method === "fisher" ? { fisher } : {}) };
}

const sliceParameters = (
  { method }: MergeSet,
  { lambda, normalize, t, selectTopk }: SliceParameters,
): Record<string, unknown> => ({
  ...(t === undefined ? {} : { t }),
  ...(selectTopk === undefined ? {} : { select_topk: selectTopk }),
  ...(usesTaskVectors(method) ? { lambda } : {}),
  ...(method === "fisher" || !takesWeights(method) ? {} : { normalize }),
});

/** What one method alone looks at. */
function methodParameters(set: MergeSet): Record<string, unknown> {
  const { method, seed, gamma, normalizeFisher, alpha, epsilon, filterWise } = set;
  if (filterWise !== undefined) return { filter_wise: filterWise };
  if (keepsRandom(method)) return { seed, ...(epsilon === undefined ? {} : { epsilon }) };
  if (dropsOutliers(method)) return { gamma };
  if (method === "fisher") return { normalize_fisher: normalizeFisher };
  return method === "regmean" ? { alpha } : {};
}

function commonParameters(set: MergeSet): Record<string, unknown> {
  const rules = ruleKeys(set).map((key): [string, unknown] => [key, set.rules[RULE_KEYS[key].field]]);
  const policies = Object.entries(POLICY_KEYS).map(([key, { field }]): [string, unknown] => [key, set[field]]);
  return {
    ...methodParameters(set),
    ...(set.rank === undefined ? {} : { rank: set.rank }),
    ...Object.fromEntries(rules),
    include: set.include,
    exclude: set.exclude,
    ...Object.fromEntries(policies),
  };
}

/** The rules that the method goes by. */
export function ruleKeys({ method }: MergeSet): readonly (keyof typeof RULE_KEYS)[] {
  if (method === "ties") return Object.keys(RULE_KEYS) as (keyof typeof RULE_KEYS)[];
  return takesElectionRules(method) ? ELECTION_KEYS : [];
}
