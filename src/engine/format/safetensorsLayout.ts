/**
 * Where each tensor of a new safetensors file lies, and the header that says so: byte for byte what the reference
 * implementation writes. Tensors go by falling alignment of their dtype, then by name, and the header is padded
 * with spaces to 8 bytes, so that every tensor begins at a multiple of its element's size.
 */
import { MergeError } from "../../protocol/errors";
import { dtypeRank } from "./dtypes";
import { LENGTH_BYTES, MAX_HEADER_BYTES } from "./safetensorsHeader";
import { compareNames, printableName, tensorBytes } from "./tensorEntry";
import type { TensorEntry, TensorSpec } from "./tensorEntry";

export interface SafetensorsLayout {
  /** The file's first bytes: length, JSON, padding. */
  header: Uint8Array;
  /** In the order of the file. */
  entries: TensorEntry[];
  /** Bytes of the whole file. */
  size: number;
}

/**
 * Lays out a file of these tensors. Throws `dtype-unknown` for a dtype that is not carried, `header-over-limit`
 * when nobody could read the file again, `header-duplicate-key` for a name given twice or reserved.
 */
export function layoutSafetensors(
  tensors: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const sorted = [...tensors].sort((a, b) => dtypeRank(b.dtype) - dtypeRank(a.dtype) || compareNames(a.name, b.name));
  checkNames(sorted);
  const entries: TensorEntry[] = [];
  let end = 0;
  for (const spec of sorted) {
    const begin = end;
    end += tensorBytes(spec);
    entries.push({ name: spec.name, dtype: spec.dtype, shape: [...spec.shape], begin, end });
  }
  const header = encodeHeader(entries, metadata);
  for (const entry of entries) {
    entry.begin += header.length;
    entry.end += header.length;
  }
  return { header, entries, size: header.length + end };
}

function checkNames(tensors: readonly TensorSpec[]): void {
  const seen = new Set(["__metadata__"]);
  for (const { name } of tensors) {
    if (seen.has(name)) throw new MergeError("header-duplicate-key", { where: "", key: printableName(name) });
    seen.add(name);
  }
}

/** The JSON is put together by hand: an object would move names such as "0" to its front. */
function encodeHeader(entries: readonly TensorEntry[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const members = entries.map(
    ({ name, dtype, shape, begin, end }) =>
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`,
  );
  const keys = Object.keys(metadata).sort(compareNames);
  if (keys.length > 0) {
    const pairs = keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`);
    members.unshift(`"__metadata__":{${pairs.join(",")}}`);
  }
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new MergeError("header-over-limit", { where: "", length, limit: MAX_HEADER_BYTES });
  }
  const header = new Uint8Array(LENGTH_BYTES + length).fill(" ".charCodeAt(0));
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, LENGTH_BYTES);
  return header;
}
