/**
 * The zip format, written by `torch.save` since 1.6: a pickle `NAME/data.pkl` and an entry `NAME/data/KEY` for each
 * storage, all stored as they are.
 */
import { MergeError } from "../../../protocol/errors";
import type { ByteSource } from "../../io";
import { PickleBudget } from "./pickleBudget";
import { PickleCursor } from "./pickleCursor";
import type { TorchFile } from "./torchFile";
import { TorchGlobals } from "./torchGlobals";
import { StorageTable } from "./torchStorage";
import { unpickle } from "./unpickle";
import { locateEntry, readZipDirectory } from "./zipDirectory";
import type { ZipEntry } from "./zipDirectory";

const PICKLE = /^([^/]+)\/data\.pkl$/;
/** Longer than any name of a byte order. */
const MAX_BYTE_ORDER = 16;

export function readTorchArchive(source: ByteSource): TorchFile {
  const entries = readZipDirectory(source);
  const budget = new PickleBudget(source.name);
  const pickle = [...entries.keys()].filter((name) => PICKLE.test(name));
  if (pickle.length === 0) throw new MergeError("pytorch-unknown", { where: source.name });
  if (pickle.length > 1) budget.damaged("it has several pickles");
  const folder = pickle[0].slice(0, -"/data.pkl".length);
  if (entries.has(`${folder}/constants.pkl`)) throw new MergeError("pytorch-torchscript", { where: source.name });
  checkByteOrder(source, entries.get(`${folder}/byteorder`), budget);

  const { begin, end } = locateEntry(source, entries.get(pickle[0]) as ZipEntry);
  const globals = new TorchGlobals(budget);
  const storages = new StorageTable(budget);
  const root = unpickle(new PickleCursor(source, begin, end, budget), {
    global: (module, name) => globals.lookUp(module, name),
    persistent: (id) => storages.load(id),
  });
  return {
    root,
    locate: (key) => {
      const entry = entries.get(`${folder}/data/${key}`);
      return entry && locateEntry(source, entry);
    },
  };
}

/** Files from before 2.1 say nothing, and are little-endian wherever they have been written on a usual machine. */
function checkByteOrder(source: ByteSource, entry: ZipEntry | undefined, budget: PickleBudget): void {
  if (!entry) return;
  const { begin, end } = locateEntry(source, entry);
  const bytes = new Uint8Array(Math.min(end - begin, MAX_BYTE_ORDER));
  source.read(begin, bytes);
  const order = String.fromCharCode(...bytes).trim();
  if (order === "big") throw new MergeError("pytorch-big-endian", { where: source.name });
  if (order !== "little") budget.damaged("it does not say which byte order it has");
}
