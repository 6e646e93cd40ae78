/** A merge set as a recipe with nothing left to a default: what `ties_recipe.yml` and the report hold. */
import { stringify } from "yaml";
import { usesTaskVectors, type MergeSet, type ModelChoice } from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";
import { POLICY_KEYS, RULE_KEYS } from "./recipeKeys";

/** mergekit's keys and ours, every one explicit that the method uses; paths are absolute. */
export function resolvedRecipe(set: MergeSet): Record<string, unknown> {
  return {
    merge_method: set.method,
    ...(set.base === null ? {} : { base_model: set.base }),
    models: set.models.map((model) => ({ model: model.path, parameters: modelParameters(set, model) })),
    parameters: parameters(set),
    ...(set.outDtype === null ? {} : { out_dtype: RECIPE_DTYPES[set.outDtype] }),
  };
}

/** The resolved recipe as YAML, which `parseRecipe` reads as the same merge set. */
export const recipeYaml = (set: MergeSet): string => stringify(resolvedRecipe(set), { lineWidth: 0 });

function modelParameters({ method }: MergeSet, model: ModelChoice): Record<string, unknown> {
  const { weight, density, fisher, gram } = model;
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

/** What the method does with the weights, or in place of them. */
function methodParameters({ method, rules, normalize, normalizeFisher, alpha }: MergeSet): Record<string, unknown> {
  if (method === "fisher") return { normalize_fisher: normalizeFisher };
  if (method === "regmean") return { alpha };
  return { normalize: method === "ties" ? rules.normalize : normalize };
}

function parameters(set: MergeSet): Record<string, unknown> {
  const isTies = set.method === "ties";
  const rules = Object.entries(RULE_KEYS).map(([key, { field }]): [string, unknown] => [key, set.rules[field]]);
  const policies = Object.entries(POLICY_KEYS).map(([key, { field }]): [string, unknown] => [key, set[field]]);
  return {
    compat: set.compat,
    ...(usesTaskVectors(set.method) ? { lambda: set.lambda } : {}),
    ...methodParameters(set),
    ...(isTies ? Object.fromEntries(rules) : {}),
    include: set.include,
    exclude: set.exclude,
    ...Object.fromEntries(policies),
  };
}
