/** A merge set as a recipe with nothing left to a default: what `ties_recipe.yml` and the report hold. */
import { stringify } from "yaml";
import { usesTaskVectors, type MergeSet, type SliceParameters } from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";
import { POLICY_KEYS, RULE_KEYS } from "./recipeKeys";

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
      normalize: set.method === "ties" ? set.rules.normalize : set.normalize,
    },
  ];

function modelParameters({ method, models }: MergeSet, slice: SliceParameters, t: number): Record<string, unknown> {
  const { weight, density } = slice.models[t];
  const { fisher, gram } = models[t];
  switch (method) {
    case "ties":
      return { weight, density };
    case "fisher":
      return { weight, fisher };
    case "regmean":
      return { gram };
    case "linear":
    case "task_arithmetic":
      return { weight };
  }
}

const sliceParameters = ({ method }: MergeSet, { lambda, normalize }: SliceParameters): Record<string, unknown> => ({
  ...(usesTaskVectors(method) ? { lambda } : {}),
  ...(method === "fisher" || method === "regmean" ? {} : { normalize }),
});

/** What `fisher` and `regmean` do in place of `normalize`. */
function methodParameters({ method, normalizeFisher, alpha }: MergeSet): Record<string, unknown> {
  if (method === "fisher") return { normalize_fisher: normalizeFisher };
  return method === "regmean" ? { alpha } : {};
}

function commonParameters(set: MergeSet): Record<string, unknown> {
  const rules = Object.entries(RULE_KEYS).map(([key, { field }]): [string, unknown] => [key, set.rules[field]]);
  const policies = Object.entries(POLICY_KEYS).map(([key, { field }]): [string, unknown] => [key, set[field]]);
  return {
    ...methodParameters(set),
    ...(set.method === "ties" ? Object.fromEntries(rules) : {}),
    include: set.include,
    exclude: set.exclude,
    ...Object.fromEntries(policies),
  };
}
