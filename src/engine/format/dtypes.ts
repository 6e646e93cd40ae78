/** The dtypes of safetensors: their sizes, and which of them are decoded. */
import { FLOAT_DTYPES } from "../../protocol/mergeSet";
import type { FloatDtype } from "../../protocol/mergeSet";

/**
 * Bytes of one element. The order is that of the reference implementation, by growing alignment: its writer
 * places tensors by falling rank in this list, and so do we (safetensorsLayout.ts).
 */
const BYTES_OF_DTYPE = new Map<string, number>([
  ["BOOL", 1],
  ["U8", 1],
  ["I8", 1],
  ["F8_E5M2", 1],
  ["F8_E4M3", 1],
  ["F8_E8M0", 1],
  ["F8_E4M3FNUZ", 1],
  ["F8_E5M2FNUZ", 1],
  ["I16", 2],
  ["U16", 2],
  ["F16", 2],
  ["BF16", 2],
  ["I32", 4],
  ["U32", 4],
  ["F32", 4],
  ["C64", 8],
  ["F64", 8],
  ["I64", 8],
  ["U64", 8],
]);

const RANK_OF_DTYPE = new Map([...BYTES_OF_DTYPE.keys()].map((dtype, rank) => [dtype, rank]));

/** Dtypes that the format knows and whose elements share bytes; nothing here can carry them. */
const PACKED_DTYPES: ReadonlySet<string> = new Set(["F4", "F6_E2M3", "F6_E3M2"]);

const DECODED_DTYPES: ReadonlySet<string> = new Set(FLOAT_DTYPES);

/** Bytes of one element; undefined for a dtype that is unknown or packed. */
export function dtypeBytes(dtype: string): number | undefined {
  return BYTES_OF_DTYPE.get(dtype);
}

/** Place in the reference implementation's order; −1 for a dtype that is not carried. */
export function dtypeRank(dtype: string): number {
  return RANK_OF_DTYPE.get(dtype) ?? -1;
}

/** Whether elements of this dtype are smaller than a byte. */
export function isPacked(dtype: string): boolean {
  return PACKED_DTYPES.has(dtype);
}

/** Whether the dtype is decoded, merged and encoded; any other is carried as bytes. */
export function isFloat(dtype: string): dtype is FloatDtype {
  return DECODED_DTYPES.has(dtype);
}
