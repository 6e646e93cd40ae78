/** The parameters of each tensor of a merge: weights, densities, λ and `normalize` where gradients or filters set them. */
import { MergeError } from "../../protocol/errors";
import { electsSigns, keepsVaried, type MergeSet, type Method, type SliceParameters } from "../../protocol/mergeSet";
import type { KernelMethod, MergeParameters } from "../kernels/kernels";
import { sceLimits } from "../merge/sce";
import { layerPlaces, type LayerPlace } from "./layerStack";
import { settingAt } from "./parameterSetting";

export interface TensorParameters {
  parameters: MergeParameters;
  /** Share that trimming keeps, by model. */
  densities: number[];
  /** `slerp`: how far it goes from the first model to the second. */
  t?: number;
}

/**
 * One entry a name. Tensors with equal parameters share one object, so that they can be worked on together.
 * Throws `slices-not-all-layers` when the set's slices are not those of these tensors.
 */
export function tensorParameters(set: MergeSet, names: readonly string[]): TensorParameters[] {
  const { slices } = set;
  if (!slices) {
    const all = parametersOf(set, {
      models: set.models,
      lambda: set.lambda,
      normalize: electsSigns(set.method) ? set.rules.normalize : set.normalize,
      ...(set.t !== undefined && { t: set.t }),
    });
    return names.map(() => all);
  }
  const shared = new Map<string, TensorParameters>();
  const places = layerPlaces(names);
  checkLayers(slices, places.values());
  return names.map((name) => {
    const place = places.get(name) ?? { layer: "before", layers: 0, main: true };
    const slice = sliceOf(slices, place);
    const position = positionIn(slice, place);
    const resolved = {
      models: slice.models.map(({ weight, density }) => ({
        weight: settingAt(weight, name, position),
        density: settingAt(density, name, position),
      })),
      lambda: settingAt(slice.lambda, name, position),
      normalize: settingAt(slice.normalize, name, position),
      ...(slice.t !== undefined && { t: settingAt(slice.t, name, position) }),
    };
    const key = JSON.stringify(resolved);
    const known = shared.get(key) ?? parametersOf(set, resolved);
    shared.set(key, known);
    return known;
  });
}

interface Resolved {
  models: readonly { weight: number; density: number }[];
  lambda: number;
  normalize: boolean;
  t?: number;
}

/**
 * What the kernels do: DARE, DELLA, Breadcrumbs and pruning differ by their masks alone. Fisher values and Gram matrices
 * come in beside the kernels, which take the mean of what has none; coefficients that are measured take the place of the
 * weights.
 */
const KERNEL_METHODS: Readonly<Record<Method, KernelMethod>> = {
  ties: "ties",
  linear: "linear",
  task_arithmetic: "task_arithmetic",
  dare_ties: "ties",
  dare_linear: "task_arithmetic",
  breadcrumbs: "task_arithmetic",
  breadcrumbs_ties: "ties",
  magnitude_prune: "task_arithmetic",
  cat: "linear",
  fisher: "linear",
  regmean: "linear",
  della: "ties",
  della_linear: "task_arithmetic",
  slerp: "linear",
  model_stock: "task_arithmetic",
  sce: "ties",
};

const parametersOf = (set: MergeSet, { models, lambda, normalize, ...own }: Resolved): TensorParameters => ({
  parameters: {
    method: KERNEL_METHODS[set.method],
    lambda,
    rules: electsSigns(set.method) ? { ...set.rules, normalize } : set.rules,
    normalize,
    nonFinite: set.nonFinite,
    weights: models.map(({ weight }) => weight),
    ...(keepsVaried(set.method) && { leastDivisor: sceLimits(set.compat).leastDivisor }),
  },
  densities: models.map(({ density }) => density),
  ...own,
});

/** What stands before the layers goes with the first slice, what stands behind them with the last, as in mergekit. */
function sliceOf(slices: readonly SliceParameters[], { layer, main }: LayerPlace): SliceParameters {
  if (layer === "after") return slices[slices.length - 1];
  if (layer === "before" || !main) return slices[0];
  return slices.find(({ layers }) => layers === null || (layer >= layers[0] && layer < layers[1])) ?? slices[0];
}

/** 0 for the first layer of the slice, 1 for its last; of a single layer 1, as mergekit has it. */
function positionIn({ layers }: SliceParameters, place: LayerPlace): number {
  const { layer } = place;
  if (layer === "before") return 0;
  if (layer === "after") return 1;
  const [from, to] = place.main && layers ? layers : [0, place.layers];
  return to - from > 1 ? (layer - from) / (to - from - 1) : 1;
}

function checkLayers(slices: readonly SliceParameters[], places: Iterable<LayerPlace>): void {
  const end = slices.at(-1)?.layers?.[1];
  if (end === undefined) return;
  for (const { main, layers } of places) {
    if (main && layers !== end) throw new MergeError("slices-not-all-layers", { where: "", end, layers });
    if (main) return;
  }
}
