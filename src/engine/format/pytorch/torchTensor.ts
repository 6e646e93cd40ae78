/** The functions by which PyTorch's pickles make tensors, as descriptions: nothing of a tensor's data is touched. */
import { MAX_DIMENSIONS } from "../safetensorsHeader";
import type { PickleBudget } from "./pickleBudget";
import { COST } from "./pickleBudget";
import { Dict, RefusedTensor, Storage, TorchDtype, TorchTensor, Tuple } from "./pickleValues";
import type { PickleValue } from "./pickleValues";

/** `_rebuild_tensor(storage, storage_offset, size, stride)`. */
export function rebuildTensor(budget: PickleBudget, args: readonly PickleValue[]): PickleValue {
  const [storage] = args;
  if (!(storage instanceof Storage)) return budget.damaged("a tensor has no storage");
  if (storage.dtype === null) return budget.damaged("a tensor has no dtype");
  return tensorOn(budget, storage, storage.dtype, args);
}

/** `_rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks, metadata=None)`. */
export function rebuildTensorV2(budget: PickleBudget, args: readonly PickleValue[]): PickleValue {
  return withMathBits(args[6], () => rebuildTensor(budget, args));
}

/** `_rebuild_tensor_v3(storage, storage_offset, size, stride, requires_grad, backward_hooks, dtype, metadata=None)`. */
export function rebuildTensorV3(budget: PickleBudget, args: readonly PickleValue[]): PickleValue {
  const [storage] = args;
  const dtype = args[6];
  if (!(storage instanceof Storage)) return budget.damaged("a tensor has no storage");
  if (!(dtype instanceof TorchDtype)) return budget.damaged("a tensor has no dtype");
  return withMathBits(args[7], () => tensorOn(budget, storage, dtype.name, args));
}

/** `_rebuild_parameter(data, requires_grad, …)`: the tensor itself. */
export function rebuildParameter(budget: PickleBudget, [data]: readonly PickleValue[]): PickleValue {
  if (data instanceof TorchTensor || data instanceof RefusedTensor) return data;
  return budget.damaged("a parameter has no tensor");
}

/** A tensor may be marked as conjugate or negative of what its storage holds. */
function withMathBits(metadata: PickleValue | undefined, rebuild: () => PickleValue): PickleValue {
  if (metadata instanceof Dict) {
    for (const bit of ["conj", "neg"]) if (metadata.entries.get(bit) === true) return new RefusedTensor(`lazy ${bit}`);
  }
  return rebuild();
}

function tensorOn(
  budget: PickleBudget,
  storage: Storage,
  dtype: string,
  [, offset, size, stride]: readonly PickleValue[],
): PickleValue {
  budget.spend(2 * COST.container);
  const shape = wholeNumbers(size);
  const strides = wholeNumbers(stride);
  if (!isWhole(offset) || !shape || !strides || shape.length !== strides.length) {
    return budget.damaged("a tensor has no valid shape, strides and offset");
  }
  return new TorchTensor(storage, dtype, offset, shape, strides);
}

const isWhole = (value: PickleValue | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function wholeNumbers(value: PickleValue | undefined): number[] | undefined {
  const items = value instanceof Tuple ? value.items : Array.isArray(value) ? value : undefined;
  return items && items.length <= MAX_DIMENSIONS && items.every(isWhole) ? [...items] : undefined;
}
