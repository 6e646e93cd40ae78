/**
 * The allow-list: every global that a checkpoint may name, and what it stands for here. None is imported; a class
 * whose objects are of no use for weights becomes an opaque value, whatever it is called with.
 */
import { MergeError } from "../../../protocol/errors";
import { printableName } from "../tensorEntry";
import { COST } from "./pickleBudget";
import type { PickleBudget } from "./pickleBudget";
import { Callable, Dict, Opaque, RefusedTensor, StorageType, TorchDtype, Tuple } from "./pickleValues";
import type { PickleValue } from "./pickleValues";
import { STORAGE_CLASSES, torchDtypeNamed } from "./torchDtypes";
import { rebuildParameter, rebuildTensor, rebuildTensorV2, rebuildTensorV3 } from "./torchTensor";

type Call = (budget: PickleBudget, args: readonly PickleValue[]) => PickleValue;

/** Functions that make tensors. */
const TENSOR_MAKERS: Readonly<Record<string, Call>> = {
  "torch._utils._rebuild_tensor": rebuildTensor,
  "torch._utils._rebuild_tensor_v2": rebuildTensorV2,
  "torch._utils._rebuild_tensor_v3": rebuildTensorV3,
  "torch._utils._rebuild_parameter": rebuildParameter,
  "torch._utils._rebuild_parameter_with_state": rebuildParameter,
};

/** Functions that make tensors without a counterpart in safetensors, with what an error calls them. */
const REFUSED_TENSORS: Readonly<Record<string, string>> = {
  "torch._utils._rebuild_qtensor": "quantized",
  "torch._utils._rebuild_sparse_tensor": "sparse",
  "torch._utils._rebuild_sparse_csr_tensor": "sparse",
  "torch._utils._rebuild_nested_tensor": "nested",
  "torch._utils._rebuild_meta_tensor_no_storage": "meta",
  "torch._utils._rebuild_device_tensor_from_numpy": "other-device",
  "torch._utils._rebuild_device_tensor_from_cpu_tensor": "other-device",
  "torch._utils._rebuild_xla_tensor": "other-device",
};

const CALLS: Readonly<Record<string, Call>> = {
  ...TENSOR_MAKERS,
  "torch._tensor._rebuild_from_type_v2": rebuildFromType,
  "torch._tensor._rebuild_from_type": rebuildFromType,
  "torch.Size": (_, [items]) => (items instanceof Tuple ? items : new Tuple([])),
  "collections.OrderedDict": (budget, [items]) => dictOf(budget, items),
  "collections.defaultdict": (budget, [, items]) => dictOf(budget, items),
  "collections.Counter": (budget, [items]) => dictOf(budget, items),
  "builtins.dict": (budget, [items]) => dictOf(budget, items),
};

/** Modules that were renamed. */
const MODULE_ALIASES: Readonly<Record<string, string>> = {
  __builtin__: "builtins",
  "numpy._core.multiarray": "numpy.core.multiarray",
  "numpy._core.numeric": "numpy.core.numeric",
  "torch.tensor": "torch._tensor",
  "lightning.fabric.utilities.data": "lightning_fabric.utilities.data",
  "pathlib._local": "pathlib",
};

/** Harmless company of weights in training checkpoints, by module. */
const OPAQUE: Readonly<Record<string, readonly string[]>> = {
  builtins: "bool bytearray bytes complex float frozenset int list object range set slice str tuple type".split(" "),
  _codecs: ["encode"],
  argparse: ["Namespace"],
  collections: ["deque"],
  datetime: ["date", "datetime", "time", "timedelta", "timezone"],
  decimal: ["Decimal"],
  fractions: ["Fraction"],
  pathlib: ["Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "WindowsPath"],
  types: ["SimpleNamespace"],
  typing: ["Any", "Dict", "List", "Optional", "Tuple", "Union"],
  uuid: ["UUID", "SafeUUID"],
  numpy: "dtype ndarray bool_ float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split(" "),
  "numpy.core.multiarray": ["_reconstruct", "scalar"],
  "numpy.core.numeric": ["_frombuffer"],
  torch: [
    ..."Tensor Generator device strided contiguous_format preserve_format channels_last channels_last_3d".split(" "),
    ..."per_tensor_affine per_channel_affine per_tensor_symmetric per_channel_symmetric".split(" "),
    "per_channel_affine_float_qparams",
  ],
  "torch.nn.parameter": ["Parameter", "Buffer"],
  "torch.serialization": ["_get_layout"],
  "torch._C": ["DisableTorchFunctionSubclass"],
  // Settings of trainers; the last is a key of old Lightning checkpoints.
  "omegaconf.dictconfig": ["DictConfig"],
  "omegaconf.listconfig": ["ListConfig"],
  "omegaconf.base": ["Container", "ContainerMetadata", "Metadata", "Node"],
  "omegaconf.nodes": ["AnyNode", "BooleanNode", "FloatNode", "IntegerNode", "StringNode"],
  "lightning_fabric.utilities.data": ["AttributeDict"],
  "pytorch_lightning.utilities.parsing": ["AttributeDict"],
  "pytorch_lightning.callbacks.model_checkpoint": ["ModelCheckpoint"],
  "pytorch_lightning.callbacks.early_stopping": ["EarlyStopping"],
};

/** Looks up globals for one pickle. Throws `pytorch-forbidden-global` for what is not in the lists above. */
export class TorchGlobals {
  private readonly found = new Map<string, PickleValue>();

  constructor(private readonly budget: PickleBudget) {}

  lookUp(module: string, name: string): PickleValue {
    const key = `${module}.${name}`;
    let value = this.found.get(key);
    if (value === undefined) {
      const current = Object.hasOwn(MODULE_ALIASES, module) ? MODULE_ALIASES[module] : module;
      value = this.valueOf(current, name);
      if (value === undefined) {
        throw new MergeError("pytorch-forbidden-global", { where: this.budget.where, global: printableName(key) });
      }
      this.found.set(key, value);
    }
    return value;
  }

  private valueOf(module: string, name: string): PickleValue | undefined {
    const key = `${module}.${name}`;
    if (Object.hasOwn(CALLS, key)) return new Callable(key, (args) => CALLS[key](this.budget, args));
    if (Object.hasOwn(REFUSED_TENSORS, key)) {
      const refused = new RefusedTensor(REFUSED_TENSORS[key]);
      return new Callable(key, () => refused);
    }
    if (Object.hasOwn(OPAQUE, module) && OPAQUE[module].includes(name)) return new Opaque(key);
    if (module === "torch" || module === "torch.cuda" || module === "torch.storage") {
      const storage = STORAGE_CLASSES.get(name);
      if (storage !== undefined) return new StorageType(storage);
    }
    const dtype = module === "torch" ? torchDtypeNamed(name) : undefined;
    return dtype === undefined ? undefined : new TorchDtype(dtype);
  }
}

/** `_rebuild_from_type_v2(func, type, args, state)`: a parameter, or a tensor with attributes. */
function rebuildFromType(budget: PickleBudget, [make, , args]: readonly PickleValue[]): PickleValue {
  const known =
    make instanceof Callable && (Object.hasOwn(TENSOR_MAKERS, make.name) || Object.hasOwn(REFUSED_TENSORS, make.name));
  if (!known || !(args instanceof Tuple)) return budget.damaged("a tensor is made in an unknown way");
  return make.call(args.items);
}

/** `dict(items)`, where items are pairs or another dict. */
function dictOf(budget: PickleBudget, items: PickleValue | undefined): Dict {
  budget.spend(COST.dict);
  const dict = new Dict();
  const pairs = items instanceof Dict ? [...dictPairs(budget, items)] : Array.isArray(items) ? items : [];
  budget.spend(COST.mapEntry * pairs.length);
  for (const pair of pairs) {
    const [key, value] = pair instanceof Tuple ? pair.items : Array.isArray(pair) ? pair : [];
    if (key === undefined || value === undefined) return budget.damaged("a dict is made of what are no pairs");
    dict.entries.set(key, value);
  }
  return dict;
}

function dictPairs(budget: PickleBudget, { entries }: Dict): PickleValue[][] {
  budget.spend(COST.mapEntry * entries.size);
  return [...entries].map(([key, value]) => [key, value]);
}
