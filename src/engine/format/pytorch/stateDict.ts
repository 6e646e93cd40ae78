/** The weights in what a checkpoint's pickle builds: a state dict, alone or among a trainer's other entries. */
import { MergeError } from "../../../protocol/errors";
import { printableName } from "../tensorEntry";
import { Dict, RefusedTensor, TorchTensor } from "./pickleValues";
import type { PickleValue } from "./pickleValues";

export type StateDict = Map<string, TorchTensor | RefusedTensor>;

/** Where trainers put the state dict, in the order of preference. */
const USUAL_ENTRIES = ["state_dict", "model_state_dict", "model", "module"];
/** `{"model": {"state_dict": …}}` has two levels. */
const MAX_LEVELS = 4;
/** What wrappers put before every name: DataParallel, and compiled modules. */
const WRAPPER_PREFIXES = ["module.", "_orig_mod."];
/** Names that an error lists. */
const MAX_LISTED = 10;

/**
 * The state dict in `root`. Entries that are no tensors are left out; a prefix that a wrapper put before all names is
 * taken away, unless `wrapped` says that they are meant to have it.
 * Throws `pytorch-no-state-dict`, and `pytorch-several-state-dicts` where nothing says which one is meant.
 */
export function findStateDict(where: string, root: PickleValue, wrapped: "unwrap" | "as-they-are"): StateDict {
  const tensors = tensorsOf(descend(where, root));
  return wrapped === "unwrap" ? withoutWrappers(tensors) : tensors;
}

function descend(where: string, root: PickleValue): Dict {
  let value = root;
  for (let level = 0; level < MAX_LEVELS && value instanceof Dict; level++) {
    const usual = usualEntry(value);
    if (usual) {
      value = usual;
      continue;
    }
    const inner = innerStateDicts(value);
    const hasOwn = holdsTensor(value);
    if (inner.length === 0 && hasOwn) return value;
    if (inner.length > 1 || hasOwn) {
      throw new MergeError("pytorch-several-state-dicts", { where, entries: listed(inner) });
    }
    if (inner.length === 0) break;
    value = value.entries.get(inner[0]) ?? null;
  }
  const entries = value instanceof Dict ? listed([...value.entries.keys()].filter(isText)) : "";
  throw new MergeError("pytorch-no-state-dict", { where, entries: entries || "none" });
}

/** The first of the usual entries that is a state dict, or has one among its own usual entries. */
function usualEntry({ entries }: Dict): Dict | undefined {
  const inner = USUAL_ENTRIES.map((name) => entries.get(name)).filter((value) => value instanceof Dict);
  return inner.find(
    (value) => holdsTensor(value) || USUAL_ENTRIES.some((name) => isStateDict(value.entries.get(name))),
  );
}

const isStateDict = (value: PickleValue | undefined): value is Dict => value instanceof Dict && holdsTensor(value);

const isTensor = (value: PickleValue): value is TorchTensor | RefusedTensor =>
  value instanceof TorchTensor || value instanceof RefusedTensor;

const isText = (key: PickleValue): key is string => typeof key === "string";

function holdsTensor({ entries }: Dict): boolean {
  for (const [key, value] of entries) if (isText(key) && isTensor(value)) return true;
  return false;
}

/** Entries that are state dicts themselves. */
const innerStateDicts = ({ entries }: Dict): string[] =>
  [...entries].flatMap(([key, value]) => (isText(key) && isStateDict(value) ? [key] : []));

function tensorsOf({ entries }: Dict): StateDict {
  const tensors: StateDict = new Map();
  for (const [key, value] of entries) if (isText(key) && isTensor(value)) tensors.set(key, value);
  return tensors;
}

function withoutWrappers(tensors: StateDict): StateDict {
  const names = [...tensors.keys()];
  const prefix = WRAPPER_PREFIXES.find((begin) => names.every((name) => name.startsWith(begin)));
  if (prefix === undefined || names.length === 0) return tensors;
  return withoutWrappers(new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor])));
}

function listed(names: readonly string[]): string {
  const rest = names.length - MAX_LISTED;
  return names.slice(0, MAX_LISTED).map(printableName).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
