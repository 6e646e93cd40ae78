/** Tensors that adapters are merged as, computed from those of their files. */
import { MergeError } from "../../protocol/errors";
import { makeCheckpoint } from "../format/checkpoint";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { matricesOf } from "../format/computedTensor";
import type { ComputedTensor } from "../format/computedTensor";
import { isFloat } from "../format/dtypes";
import { columnsOf, computedRef } from "../format/peft/adaptModel";
import type { Adapter, LoraModule } from "../format/peft/adapter";
import { elementCount, printableName } from "../format/tensorEntry";

/** A tensor computed in the place of one of an adapter, with its name and shape unless `as` says others. */
export function computedTensor(
  tensor: TensorRef,
  as: { name?: string; shape?: number[] },
  from: ComputedTensor["from"],
  change: ComputedTensor["change"],
): TensorRef {
  const { dtype: stored, file } = tensor;
  const { name = tensor.name, shape = tensor.shape } = as;
  if (!isFloat(stored)) throw new MergeError("adapter-dtype", { where: printableName(name), dtype: stored });
  const wide = stored === "F64" || (change !== null && matricesOf(change).some(({ dtype }) => dtype === "F64"));
  const dtype = wide ? "F64" : change === null ? stored : "F32";
  return computedRef(name, shape, file, {
    from,
    columns: columnsOf(shape),
    elements: elementCount(shape),
    change,
    dtype,
    stored,
  });
}

/** Zeros in the shape of the tensors, the first of each name. They lie in no file: each has a place by its name. */
export function zerosLike(tensors: readonly TensorRef[]): TensorRef[] {
  const zeros = new Map<string, TensorRef>();
  for (const { name, shape, computed } of tensors) {
    if (!computed || zeros.has(name)) continue;
    zeros.set(name, computedRef(name, shape, name, { ...computed, from: 0, change: null }));
  }
  return [...zeros.values()];
}

/** The checkpoint with other tensors. */
export function withTensors(like: Checkpoint, tensors: readonly TensorRef[]): Checkpoint {
  return { ...makeCheckpoint(like, tensors), adapter: like.adapter };
}

/** Tensors with those of the same names in the place of some. */
export const inPlaceOf = (all: readonly TensorRef[], some: readonly TensorRef[]): TensorRef[] => [
  ...new Map([...all, ...some].map((tensor) => [tensor.name, tensor])).values(),
];

/** The modules of a LoRA adapter by their names. Throws `adapters-need-lora` for one of another type. */
export function loraModules(path: string, { config, modules }: Adapter): Map<string, LoraModule> {
  return new Map(
    modules.map((module): [string, LoraModule] => {
      if (module.kind !== "lora") throw new MergeError("adapters-need-lora", { where: path, type: config.type });
      return [module.module, module];
    }),
  );
}
