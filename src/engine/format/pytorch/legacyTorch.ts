/**
 * The format of `torch.save` before 1.6: four pickles one after the other – a magic number, the version, facts on the
 * machine, the saved value – then one with the list of storage keys, then the storages in that order, each behind
 * the count of its elements.
 */
import { MergeError } from "../../../protocol/errors";
import type { ByteSource } from "../../io";
import { PickleBudget } from "./pickleBudget";
import { PickleCursor } from "./pickleCursor";
import { Dict } from "./pickleValues";
import type { PickleValue, Storage } from "./pickleValues";
import type { TorchFile } from "./torchFile";
import { TorchGlobals } from "./torchGlobals";
import { storageBytes, StorageTable } from "./torchStorage";
import { unpickle } from "./unpickle";
import type { PickleWorld } from "./unpickle";

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;
/** Bytes of the count before a storage. */
const COUNT_BYTES = 8;

export function readLegacyTorch(source: ByteSource): TorchFile {
  const budget = new PickleBudget(source.name);
  const cursor = new PickleCursor(source, 0, source.size, budget);
  const globals = new TorchGlobals(budget);
  const storages = new StorageTable(budget);
  const plain: PickleWorld = {
    global: (module, name) => globals.lookUp(module, name),
    persistent: () => budget.damaged("the pickle refers to what is no storage"),
  };
  checkMagicNumber(source, cursor);
  if (unpickle(cursor, plain) !== VERSION) budget.damaged("it has another version than 1001");
  checkMachine(source, unpickle(cursor, plain));
  const root = unpickle(cursor, { ...plain, persistent: (id) => storages.load(id) });
  const keys = unpickle(cursor, plain);
  const places = locateStorages(source, budget, cursor.position, keys, storages.first);
  return { root, locate: (key) => places.get(key) };
}

/** Any other pickle is a Python object that PyTorch has not written; whatever it names, that is what to say of it. */
function checkMagicNumber(source: ByteSource, cursor: PickleCursor): void {
  const refuse = (): never => {
    throw new MergeError("pytorch-unknown", { where: source.name });
  };
  if (unpickle(cursor, { global: refuse, persistent: refuse }) !== MAGIC_NUMBER) refuse();
}

function checkMachine(source: ByteSource, facts: PickleValue): void {
  if (facts instanceof Dict && facts.entries.get("little_endian") === false) {
    throw new MergeError("pytorch-big-endian", { where: source.name });
  }
}

/** Walks from count to count; the data between them are not read. */
function locateStorages(
  source: ByteSource,
  budget: PickleBudget,
  start: number,
  keys: PickleValue,
  storages: ReadonlyMap<string, Storage>,
): Map<string, { begin: number; end: number }> {
  const places = new Map<string, { begin: number; end: number }>();
  if (!Array.isArray(keys)) return budget.damaged("it has no list of its storages");
  const count = new Uint8Array(COUNT_BYTES);
  let position = start;
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (!storage || places.has(storage.key)) return budget.damaged("its list of storages is not that of its tensors");
    const begin = position + COUNT_BYTES;
    const end = begin + storageBytes(storage);
    if (end > source.size) budget.damaged("it is cut off: the data of a storage are missing");
    source.read(position, count);
    const elements = new DataView(count.buffer).getBigInt64(0, true);
    if (elements !== BigInt(storage.elements)) budget.damaged("a storage has another size than its tensors say");
    places.set(storage.key, { begin, end });
    position = end;
  }
  return places;
}
