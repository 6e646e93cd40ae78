/** What a pickle can build here: plain values, and descriptions of tensors. Nothing has behaviour of its own file's. */

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | Tuple
  | Dict
  | Opaque
  | Callable
  | StorageType
  | TorchDtype
  | Storage
  | TorchTensor
  | RefusedTensor;

export class Tuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** `dict` and its relatives. */
export class Dict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** A value that is known to be harmless and is of no use here: bytes, sets, classes of settings. Its content is dropped. */
export class Opaque {
  constructor(readonly what: string) {}
}

/** A class or function of the allow-list, and what stands here for calling it. */
export class Callable {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[]) => PickleValue,
  ) {}
}

/** `torch.float32`, as a name: `float32`. */
export class TorchDtype {
  constructor(readonly name: string) {}
}

/** `torch.FloatStorage`; `dtype` is null for the untyped one, whose elements are bytes. */
export class StorageType {
  constructor(readonly dtype: string | null) {}
}

/** A run of elements of one dtype in the file, named by a key. */
export class Storage {
  constructor(
    readonly key: string,
    /** Name of the PyTorch dtype; null: bytes. */
    readonly dtype: string | null,
    /** Elements of it (bytes of an untyped one), and the place of the first in what the key names. */
    readonly elements: number,
    readonly first: number,
    /** Device; `meta` has no data at all. */
    readonly location: string,
  ) {}
}

/** A view of a storage. Offset, sizes and strides count elements of `dtype`. */
export class TorchTensor {
  constructor(
    readonly storage: Storage,
    readonly dtype: string,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

/** A tensor of a kind that has no counterpart in safetensors; an error only where it belongs to the weights. */
export class RefusedTensor {
  constructor(readonly kind: string) {}
}
