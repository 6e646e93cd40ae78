import { decode } from "../engine/format/decode";
import type { FloatDtype } from "../protocol/mergeSet";

/** Adds the NaN and ±Inf of a chunk to `found`; `first` becomes the first one's index in the tensor. */
export function scanChunk(
  dtype: FloatDtype,
  bytes: Uint8Array,
  count: number,
  start: number,
  found: { nan: number; infinite: number; first: number },
): void {
  const values = dtype === "F64" ? new Float64Array(count) : new Float32Array(count);
  decode(dtype, bytes, values, count);
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(values[i])) continue;
    if (Number.isNaN(values[i])) found.nan++;
    else found.infinite++;
    if (found.first < 0) found.first = start + i;
  }
}
