/**
 * Adapters put side by side, as PEFT's combination type `cat`: the rows of A one adapter after the other, the columns
 * of B likewise, so that B·A is the weighted sum of the adapters' changes. Ranks add up.
 *
 * Each adapter's factor stands in a tensor of the whole rank, zeros around it; the merged one is their sum.
 */
import { makeCheckpoint } from "../format/checkpoint";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { columnsOf, matrixOf } from "../format/peft/adaptModel";
import type { Adapter, LoraModule } from "../format/peft/adapter";
import { rankedOutput } from "./adapterOutput";
import type { AdapterSet } from "./adapterSet";
import { computedTensor, inPlaceOf, loraModules, withTensors, zerosLike } from "./adapterTensors";
import type { TensorParameters } from "./tensorParameters";

/** Throws `adapters-need-lora`, `adapter-dtype`. */
export function concatenatedAdapters(models: readonly Checkpoint[], adapters: readonly Adapter[]): AdapterSet {
  const modules = adapters.map((adapter, t) => loraModules(models[t].path, adapter));
  const ranks = new Map<string, number>();
  for (const own of modules) for (const [name, { rank }] of own) ranks.set(name, (ranks.get(name) ?? 0) + rank);
  const placed = modules.map((own, t) =>
    [...own.values()].flatMap((module) => placedFactors(module, modules, ranks, t)),
  );
  const base = zerosLike(placed.flat());
  return {
    base: makeCheckpoint({ ...models[0], files: [] }, base),
    models: models.map((model, t) => withTensors(model, inPlaceOf(base, placed[t]))),
    output: rankedOutput(adapters, ranks),
    parametersOf: weightsOfA(modules),
  };
}

type Modules = ReadonlyMap<string, LoraModule>;

/** A and B of an adapter's module in tensors of the whole rank. */
function placedFactors(
  { module, a, b, rank }: LoraModule,
  all: readonly Modules[],
  ranks: ReadonlyMap<string, number>,
  t: number,
): TensorRef[] {
  const whole = ranks.get(module) ?? rank;
  const before = all.slice(0, t).reduce((sum, own) => sum + (own.get(module)?.rank ?? 0), 0);
  const [outer, , ...kernel] = b.shape;
  const rows = matrixOf(a, rank, columnsOf(a.shape));
  const columns = matrixOf(b, outer, rank);
  return [
    computedTensor(a, { shape: [whole, ...a.shape.slice(1)] }, 0, {
      kind: "place",
      block: rows,
      row: before,
      column: 0,
    }),
    computedTensor(b, { shape: [outer, whole, ...kernel] }, 0, {
      kind: "place",
      block: columns,
      row: 0,
      column: before,
    }),
  ];
}

/** Weight and scaling go into A; B is as it was. Equal parameters stay one object. */
function weightsOfA(modules: readonly Modules[]): AdapterSet["parametersOf"] {
  const scalings = modules.map((own) => new Map([...own.values()].map(({ a, scaling }) => [a.name, scaling])));
  const all = new WeakMap<TensorParameters, Map<string, TensorParameters>>();
  return (name, own, members) => {
    const shared = all.get(own) ?? new Map<string, TensorParameters>();
    all.set(own, shared);
    const { weights, normalize } = own.parameters;
    const sum = normalize ? weights.reduce((total, weight) => total + weight, 0) : 1;
    const isA = scalings.some((ofModel) => ofModel.has(name));
    const weighed = weights.map((weight, t) =>
      isA ? (weight / sum) * (scalings[members?.[t] ?? t].get(name) ?? 1) : 1,
    );
    const key = weighed.join();
    const found = shared.get(key) ?? { ...own, parameters: { ...own.parameters, weights: weighed, normalize: false } };
    shared.set(key, found);
    return found;
  };
}
