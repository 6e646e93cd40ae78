/**
 * Adapters merged with one another, factor by factor, as PEFT's `add_weighted_adapter` does: A and B are the
 * parameters, and what they change is not looked at. What comes out is an adapter whose scaling is 1.
 */
import { MergeError } from "../../protocol/errors";
import { electsSigns, isForAdapters, measuresChanges } from "../../protocol/mergeSet";
import type { MergeSet } from "../../protocol/mergeSet";
import { makeCheckpoint } from "../format/checkpoint";
import type { Checkpoint } from "../format/checkpoint";
import { isFloat } from "../format/dtypes";
import { shapeText } from "../format/peft/adapter";
import type { Adapter } from "../format/peft/adapter";
import { printableName } from "../format/tensorEntry";
import { adapterChanges } from "./adapterChanges";
import type { FactorShapes } from "./adapterChanges";
import { factorwiseOutput } from "./adapterOutput";
import type { AdapterOutput } from "./adapterOutput";
import { computedTensor } from "./adapterTensors";
import { concatenatedAdapters } from "./concatenatedAdapters";
import { statisticsKey } from "./mergeSetInput";
import type { TensorParameters } from "./tensorParameters";

export interface AdapterSet {
  /** θ₀, which no file holds: 0 for LoRA's factors, 1 for those of (IA)³. */
  base: Checkpoint;
  /** The adapters; where the scalings are not in the weights, each factor times √|scaling|. */
  models: Checkpoint[];
  output: AdapterOutput;
  /** Where whole changes are merged: the factors that each, by its name, is to be written as. */
  factors?: ReadonlyMap<string, FactorShapes>;
  /**
   * The parameters of a tensor, its scalings in the weights where they belong there.
   * @param members which of the adapters the weights are of; without it, of all.
   */
  parametersOf(name: string, parameters: TensorParameters, members?: readonly number[]): TensorParameters;
}

/** Scaling of a factor by its tensor's name, and whether it carries the sign. */
interface Scaling {
  scaling: number;
  signed: boolean;
}
type Scalings = ReadonlyMap<string, Scaling>;

/**
 * The set's models as adapters, or null where they are none.
 * Throws `adapters-*` for adapters that cannot be merged with one another.
 */
export function adapterSet(set: MergeSet, models: readonly Checkpoint[]): AdapterSet | null {
  const adapters = models.flatMap(({ adapter }) => (adapter ? [adapter] : []));
  if (set.base !== null || adapters.length === 0) {
    const option = isForAdapters(set.method) ? set.method : set.rank === undefined ? null : "rank";
    if (option !== null) throw new MergeError("adapters-needed", { where: "", option });
    return null;
  }
  if (adapters.length < models.length) {
    throw new MergeError("adapters-and-models", { where: models.find(({ adapter }) => !adapter)?.path ?? "" });
  }
  // Fisher values and Gram matrices are those of a model's parameters.
  if (statisticsKey(set.method) !== null) throw new MergeError("adapters-method", { where: "", method: set.method });
  checkTogether(models, adapters);
  if (set.method === "cat") return concatenatedAdapters(models, adapters);
  if (set.rank !== undefined) return adapterChanges(set.rank, models, adapters);
  if (measuresChanges(set.method) && adapters[0].config.type === "LORA") {
    throw new MergeError("adapters-rank-needed", { where: "", method: set.method });
  }
  checkRanks(models, adapters);
  const scalings = adapters.map(scalingsOf);
  const inWeights = scalingInWeights(set);
  return {
    base: constantBase(models[0], adapters[0].config.type === "IA3" ? 1 : 0),
    output: factorwiseOutput(adapters[0]),
    models: inWeights ? [...models] : models.map((model, t) => scaledFactors(model, scalings[t])),
    parametersOf: inWeights ? weightsWithScaling(scalings) : (_, parameters) => parameters,
  };
}

/**
 * PEFT multiplies factors by √(weight·scaling) after they are trimmed and elected. Where weights are normalised the
 * scaling would fall out again: then the factors themselves are multiplied, before anything else.
 */
const scalingInWeights = ({ compat, method, rules }: MergeSet): boolean =>
  compat === "peft" && !(electsSigns(method) && rules.normalize);

function checkTogether(models: readonly Checkpoint[], adapters: readonly Adapter[]): void {
  const [first] = adapters;
  adapters.forEach(({ config, saved }, t) => {
    const where = models[t].path;
    if (config.type !== first.config.type) {
      throw new MergeError("adapters-types-differ", { where, type: config.type, first: first.config.type });
    }
    if (saved.size > 0) {
      const [name = ""] = saved.keys();
      throw new MergeError("adapters-saved-tensors", { where, count: saved.size, name: printableName(name) });
    }
  });
}

function checkRanks(models: readonly Checkpoint[], [first, ...others]: readonly Adapter[]): void {
  others.forEach(({ modules }, at) => {
    const where = models[at + 1].path;
    const ranks = new Map(first.modules.map((module) => [module.module, module]));
    for (const module of modules) {
      const other = ranks.get(module.module);
      if (module.kind !== "lora" || other?.kind !== "lora" || module.rank === other.rank) continue;
      const details = { rank: module.rank, first: other.rank, shape: shapeText(module.a.shape) };
      throw new MergeError("adapters-ranks-differ", { where: `${where}: ${printableName(module.module)}`, ...details });
    }
  });
}

function scalingsOf({ modules }: Adapter): Scalings {
  return new Map(
    modules.flatMap((module): [string, Scaling][] =>
      module.kind === "lora"
        ? [
            [module.a.name, { scaling: module.scaling, signed: true }],
            [module.b.name, { scaling: module.scaling, signed: false }],
          ]
        : [],
    ),
  );
}

/** One number for every tensor of an adapter. */
function constantBase(like: Checkpoint, value: number): Checkpoint {
  const tensors = [...like.tensors.values()].map((tensor) => computedTensor(tensor, {}, value, null));
  const { path, folder, name, format, metadata } = like;
  return makeCheckpoint({ path, folder, name, format, files: [], metadata }, tensors);
}

/** Factors times √|scaling|, A with its sign. */
function scaledFactors(model: Checkpoint, scalings: Scalings): Checkpoint {
  const tensors = [...model.tensors.values()].map((tensor) => {
    const found = scalings.get(tensor.name);
    if (found === undefined || found.scaling === 1) return tensor;
    const { file, begin, view, dtype } = tensor;
    if (!isFloat(dtype)) return tensor;
    return computedTensor(tensor, {}, { file, begin, view, dtype }, { kind: "scale-all", factor: rooted(1, found) });
  });
  return { ...makeCheckpoint(model, tensors), adapter: model.adapter };
}

/** √|weight·scaling|; of the two factors, A has the sign of the product. */
function rooted(weight: number, { scaling, signed }: Scaling): number {
  const product = weight * scaling;
  return Math.sqrt(Math.abs(product)) * (signed && product < 0 ? -1 : 1);
}

/** Equal parameters stay one object, so that tensors can still be worked on together. */
function weightsWithScaling(scalings: readonly Scalings[]): AdapterSet["parametersOf"] {
  const shared = new WeakMap<TensorParameters, Map<string, TensorParameters>>();
  return (name, own, members) => {
    const { parameters } = own;
    const { method, normalize } = parameters;
    const divides = method !== "ties" && normalize;
    const sum = divides ? parameters.weights.reduce((all, weight) => all + weight, 0) : 1;
    const weights = parameters.weights.map((weight, t) => {
      const scaling = scalings[members?.[t] ?? t].get(name);
      return scaling ? rooted(weight / sum, scaling) : weight / sum;
    });
    const known = shared.get(own) ?? new Map<string, TensorParameters>();
    shared.set(own, known);
    const key = weights.join();
    const found = known.get(key) ?? {
      ...own,
      parameters: { ...parameters, weights, normalize: divides ? false : normalize },
    };
    known.set(key, found);
    return found;
  };
}
