/**
 * Adapters merged by what they change: ΔW = scaling·B·A of each module is a task vector over zeros, 0 where an adapter
 * leaves the module alone. Ranks and modules need not be the same; what comes out is factored back to one rank.
 */
import { makeCheckpoint } from "../format/checkpoint";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { lowRank } from "../format/peft/adaptModel";
import type { Adapter, LoraModule } from "../format/peft/adapter";
import { plainShape } from "../format/peft/orientations";
import { printableName } from "../format/tensorEntry";
import { rankedOutput } from "./adapterOutput";
import type { AdapterSet } from "./adapterSet";
import { computedTensor, inPlaceOf, loraModules, withTensors, zerosLike } from "./adapterTensors";

/** The factors of a merged change: A [rank, in, …], B [out, rank, …]. */
export interface FactorShapes {
  a: { name: string; shape: number[] };
  b: { name: string; shape: number[] };
}

/** Throws `adapters-need-lora`, `adapter-dtype`. */
export function adapterChanges(rank: number, models: readonly Checkpoint[], adapters: readonly Adapter[]): AdapterSet {
  const factors = new Map<string, FactorShapes>();
  const ranks = new Map<string, number>();
  const changes = models.map((model, t) =>
    [...loraModules(model.path, adapters[t]).values()].map((module) => {
      const change = changeOf(model.path, module);
      if (!factors.has(change.name)) factors.set(change.name, factorShapes(module, rank));
      ranks.set(module.module, rank);
      return change;
    }),
  );
  const zeros = zerosLike(changes.flat());
  return {
    base: makeCheckpoint({ ...models[0], files: [] }, zeros),
    models: models.map((model, t) => withTensors(model, inPlaceOf(zeros, changes[t]))),
    output: rankedOutput(adapters, ranks),
    factors,
    parametersOf: (_, parameters) => parameters,
  };
}

function changeOf(path: string, module: LoraModule): TensorRef {
  const shape = plainShape(module);
  const change = lowRank(`${path}: ${printableName(module.module)}`, module, { shape }, false);
  return computedTensor(module.a, { name: `${module.module}.weight`, shape }, 0, change);
}

function factorShapes({ a, b }: LoraModule, rank: number): FactorShapes {
  const [outer, , ...kernel] = b.shape;
  return {
    a: { name: a.name, shape: [rank, ...a.shape.slice(1)] },
    b: { name: b.name, shape: [outer, rank, ...kernel] },
  };
}
