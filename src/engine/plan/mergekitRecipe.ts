/** A merge set as a YAML file for mergekit itself, where mergekit can express it. */
import { stringify } from "yaml";
import { MergeError } from "../../protocol/errors";
import { PRESETS } from "../../protocol/mergeSet";
import type { MergeSet, SliceParameters, TiesRules } from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";
import { entriesOf, plainValue, valuesOf } from "./parameterSetting";
import { RULE_KEYS } from "./recipeKeys";
import { slicesOf } from "./resolvedRecipe";

/** Dtypes that mergekit writes. */
const MERGEKIT_DTYPES: readonly MergeSet["outDtype"][] = [null, "F32", "F16", "BF16"];

/**
 * The set in mergekit's keys alone. Throws `not-mergekit` with every reason why mergekit cannot merge alike: it would
 * pass over keys that it does not know, and merge something else.
 */
export function mergekitYaml(set: MergeSet): string {
  const reasons = mergekitObstacles(set);
  if (reasons.length > 0) throw new MergeError("not-mergekit", { where: "", list: reasons.join("; ") });
  return stringify(
    {
      merge_method: set.method,
      // To an average mergekit would add the base; here it has only lent its configuration.
      ...(set.base === null || set.method === "linear" ? {} : { base_model: set.base }),
      ...modelsAndParameters(set),
      // Computed as here, and rounded once.
      ...(set.outDtype === null ? {} : { dtype: RECIPE_DTYPES.F32, out_dtype: RECIPE_DTYPES[set.outDtype] }),
    },
    { lineWidth: 0 },
  );
}

function mergekitObstacles(set: MergeSet): string[] {
  if (set.method === "fisher" || set.method === "regmean") return [`it has no \`${set.method}\``];
  const reasons: string[] = [];
  if (set.method === "ties") reasons.push(...ruleObstacles(set.rules));
  if (set.include.length + set.exclude.length > 0) reasons.push("it cannot leave tensors out (`include`, `exclude`)");
  if (set.nonFinite !== "error") reasons.push("it cannot take the base's value for NaN or Inf (`non_finite`)");
  if (set.nonFloat !== "error") reasons.push("it cannot take the base's integer tensors (`non_float`)");
  if (!MERGEKIT_DTYPES.includes(set.outDtype)) reasons.push(`it cannot write ${set.outDtype}`);
  const densities = slicesOf(set).flatMap(({ models }) => models.flatMap(({ density }) => valuesOf(density)));
  if (set.method === "ties" && densities.includes(0)) reasons.push("it refuses a density of 0");
  const paths = [...(set.base === null ? [] : [set.base]), ...set.models.map(({ path }) => path)];
  const odd = paths.find((path) => /[+@]/.test(path));
  if (odd !== undefined) reasons.push(`to it, \`+\` and \`@\` in a path begin an adapter or a revision (${odd})`);
  if (new Set(set.models.map(({ path }) => path)).size < set.models.length) {
    reasons.push("it merges each model once, and one is listed twice");
  }
  return reasons;
}

function ruleObstacles(rules: TiesRules): string[] {
  const preset = PRESETS.mergekit;
  return Object.entries(RULE_KEYS).flatMap(([key, { field }]) =>
    rules[field] === preset[field] ? [] : [`its rule is \`${key}: ${preset[field]}\`, not \`${rules[field]}\``],
  );
}

function modelsAndParameters(set: MergeSet): Record<string, unknown> {
  const slices = slicesOf(set);
  const [first] = slices;
  if (first.layers === null) {
    return {
      models: set.models.map(({ path }, t) => ({ model: path, parameters: modelParameters(set, first, t) })),
      parameters: commonParameters(set, first),
    };
  }
  return {
    slices: slices.map((slice) => ({
      sources: [
        // Of slices, mergekit wants the base among the sources.
        ...(set.base === null || set.method === "linear" ? [] : [{ model: set.base, layer_range: slice.layers }]),
        ...set.models.map(({ path }, t) => {
          return { model: path, layer_range: slice.layers, parameters: modelParameters(set, slice, t) };
        }),
      ],
      parameters: commonParameters(set, slice),
    })),
  };
}

function modelParameters({ method }: MergeSet, { models }: SliceParameters, t: number): Record<string, unknown> {
  const { weight, density } = models[t];
  return method === "ties" ? { weight, density } : { weight };
}

function commonParameters({ method }: MergeSet, { lambda, normalize }: SliceParameters): Record<string, unknown> {
  const isOne = entriesOf(lambda).length === 1 && plainValue(lambda) === 1 && !Array.isArray(lambda);
  return { normalize, ...(method === "linear" || isOne ? {} : { lambda }) };
}
