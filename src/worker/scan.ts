/** What a compute worker does to look for NaN and ±Inf. */
import { decode } from "../engine/format/decode";
import { BYTES_OF, ChunkReader, type ReaderRoom } from "../engine/kernels/chunkReader";
import type { FloatDtype } from "../protocol/mergeSet";
import type { ScanJob } from "./computeApi";
import type { FileCache } from "./fileCache";
import { addProgress, throwIfCancelled } from "./runState";

interface NonFiniteCounts {
  nan: number;
  infinite: number;
  /** Index of the first of them in the tensor, or −1. */
  first: number;
}

/** Counts an item. */
export function scan({ items, state }: ScanJob, files: FileCache, room: ReaderRoom): NonFiniteCounts[] {
  return items.map(({ range, stretch }) => {
    const found = { nan: 0, infinite: 0, first: -1 };
    const { dtype, offset } = range;
    const reader = new ChunkReader(null, [{ source: files.source(range), offset, dtype }], false, room);
    reader.forEachChunk(stretch.start, stretch.count, ({ start, count, models: [{ bytes }] }) => {
      throwIfCancelled(state);
      scanChunk(dtype, bytes, count, start, found);
      addProgress(state, BYTES_OF[dtype] * count);
    });
    return found;
  });
}

function scanChunk(dtype: FloatDtype, bytes: Uint8Array, count: number, start: number, found: NonFiniteCounts): void {
  const values = dtype === "F64" ? new Float64Array(count) : new Float32Array(count);
  decode(dtype, bytes, values, count);
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(values[i])) continue;
    if (Number.isNaN(values[i])) found.nan++;
    else found.infinite++;
    if (found.first < 0) found.first = start + i;
  }
}
