/** The parameters of a merge, stretch by stretch of layers, each said by the nearest level that says anything. */
import {
  DEFAULT_DENSITY,
  DEFAULT_SELECT_TOPK,
  DEFAULT_T,
  electsSigns,
  keepsShare,
  keepsVaried,
  measuresChanges,
  usesTaskVectors,
} from "../../protocol/mergeSet";
import type { Method, Setting, SliceParameters } from "../../protocol/mergeSet";
import { DEFAULT_COMPAT, DEFAULT_METHOD, mergedIndices, normalizesByDefault, statisticsKey } from "./mergeSetInput";
import type { MergeSetInput, SliceInput } from "./mergeSetInput";
import { layered } from "./parameterSetting";

/** One entry a slice, or one for all layers: what is said of a model stands above its slice, that above everything. */
export const sliceParameters = (input: MergeSetInput): SliceParameters[] =>
  (input.slices ?? [{ layers: null, models: [] }]).map((slice) => parametersOf(input, slice));

function parametersOf(input: MergeSetInput, slice: SliceInput): SliceParameters {
  const { method = DEFAULT_METHOD, compat = DEFAULT_COMPAT } = input;
  const byDefault = normalizesByDefault(method, compat, input.adapters ?? false);
  // What was said of one rule stands above the field of the same meaning.
  const rule = electsSigns(method) ? input.rules?.normalize : undefined;
  const selectTopk = layered([slice.selectTopk, input.selectTopk], DEFAULT_SELECT_TOPK);
  const densityOf = (levels: readonly (Setting | undefined)[]): Setting => {
    if (keepsVaried(method)) return selectTopk;
    return keepsShare(method) ? layered(levels, DEFAULT_DENSITY[compat]) : 1;
  };
  return {
    layers: slice.layers,
    models: mergedIndices(input).map((at) => {
      const ofSlice = slice.models[at] as SliceInput["models"][number] | undefined;
      const of = (key: "weight" | "density"): (Setting | undefined)[] => [
        ofSlice?.[key],
        input.models[at][key],
        slice[key],
        input[key],
      ];
      return {
        weight: layered(of("weight"), 1),
        density: densityOf(of("density")),
      };
    }),
    lambda: usesTaskVectors(method) ? layered([slice.lambda, input.lambda], 1) : 1,
    // These divide by their own sums.
    normalize: isOwnMean(method) ? true : layered<boolean>([slice.normalize, rule, input.normalize], byDefault),
    ...(method === "slerp" && { t: layered([slice.t, input.t], DEFAULT_T) }),
    ...(keepsVaried(method) && { selectTopk }),
  };
}

const isOwnMean = (method: Method): boolean => statisticsKey(method) !== null || measuresChanges(method);
