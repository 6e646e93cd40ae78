/** The tensors of a PyTorch checkpoint, `.bin`, `.pt`, `.pth` or `.ckpt`: found through its pickle, none of them read. */
import { MergeError } from "../../../protocol/errors";
import type { ByteSource } from "../../io";
import { refuseOtherFormats } from "../otherFormats";
import { isContiguous } from "../stridedSource";
import { printableName } from "../tensorEntry";
import type { TensorEntry } from "../tensorEntry";
import { readLegacyTorch } from "./legacyTorch";
import { RefusedTensor } from "./pickleValues";
import type { TorchTensor } from "./pickleValues";
import { findStateDict } from "./stateDict";
import { readTorchArchive } from "./torchArchive";
import { safetensorsName, torchDtypeBytes } from "./torchDtypes";
import type { TorchFile } from "./torchFile";
import { storageBytes } from "./torchStorage";

/** Where the magic of a tar file stands. */
const TAR_MAGIC_OFFSET = 257;
const SNIFFED_BYTES = TAR_MAGIC_OFFSET + 5;

/**
 * Reads a checkpoint's directory and pickle. Names of a shard (`as-they-are`) keep the prefix of a wrapper.
 * Throws `pytorch-*`, `dtype-unknown`, `header-git-lfs`, `header-web-page`, `header-other-format`.
 */
export function parseTorchCheckpoint(source: ByteSource, wrapped: "unwrap" | "as-they-are" = "unwrap"): TensorEntry[] {
  const file = readTorchFile(source);
  const entries: TensorEntry[] = [];
  for (const [name, tensor] of findStateDict(source.name, file.root, wrapped)) {
    const where = `${source.name}: ${printableName(name)}`;
    if (tensor instanceof RefusedTensor) throw new MergeError("pytorch-tensor-kind", { where, kind: tensor.kind });
    entries.push(placeTensor(file, where, name, tensor));
  }
  return entries;
}

function readTorchFile(source: ByteSource): TorchFile {
  const bytes = new Uint8Array(Math.min(SNIFFED_BYTES, source.size));
  source.read(0, bytes);
  const head = String.fromCharCode(...bytes);
  if (head.startsWith("PK\x03\x04")) return readTorchArchive(source);
  if (head.startsWith("\x80")) return readLegacyTorch(source);
  if (head.startsWith("ustar", TAR_MAGIC_OFFSET)) throw new MergeError("pytorch-tar", { where: source.name });
  refuseOtherFormats(source);
  throw new MergeError("pytorch-unknown", { where: source.name });
}

function placeTensor(file: TorchFile, where: string, name: string, tensor: TorchTensor): TensorEntry {
  const { storage, shape, strides } = tensor;
  const damaged = (message: string): never => {
    throw new MergeError("pytorch-damaged", { where, message });
  };
  const dtype = safetensorsName(tensor.dtype);
  if (dtype === null) throw new MergeError("dtype-unknown", { where, dtype: tensor.dtype });
  if (storage.location === "meta") throw new MergeError("pytorch-tensor-kind", { where, kind: "meta" });
  const place = file.locate(storage.key);
  if (!place) return damaged("its data are missing");
  const elementBytes = torchDtypeBytes(tensor.dtype);
  const first = storage.first * torchDtypeBytes(storage.dtype);
  if (place.end - place.begin < first + storageBytes(storage)) return damaged("its storage is shorter than it says");

  const empty = shape.includes(0);
  const count = empty ? 0 : shape.reduce((product, size) => product * size, 1);
  const span = empty ? 0 : shape.reduce((sum, size, at) => sum + (size - 1) * strides[at], 1);
  const bytes = count * elementBytes;
  if (!Number.isSafeInteger(bytes)) return damaged("it has more elements than can be counted");
  const end = (tensor.offset + span) * elementBytes;
  if (!empty && !(end <= storageBytes(storage))) return damaged("it goes beyond the end of its storage");
  const begin = place.begin + first + (empty ? 0 : tensor.offset * elementBytes);
  if (isContiguous(shape, strides)) return { name, dtype, shape, begin, end: begin + bytes };
  return { name, dtype, shape, begin: 0, end: bytes, view: { begin, shape, strides, elementBytes } };
}
