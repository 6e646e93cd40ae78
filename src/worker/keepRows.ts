/** Rows of a vocabulary that not all models have: the base's, in the dtype of the output. */
import { decode } from "../engine/format/decode";
import { encode } from "../engine/format/encode";
import type { ByteSink, ByteSource } from "../engine/io";
import { BYTES_OF, ChunkReader, type ReaderRoom } from "../engine/kernels/chunkReader";
import { MergeError } from "../protocol/errors";
import type { KeepRowsJob } from "./computeApi";
import { positionOf } from "./position";
import { addProgress, throwIfCancelled } from "./runState";

/** Copies a stretch as it is, or rounds it once to another dtype. Throws `non-finite`, `result-overflow`. */
export function keepRows(job: KeepRowsJob, source: ByteSource, sink: ByteSink, room: ReaderRoom): void {
  const { name, shape, stretch, from, output } = job;
  const [size, outSize] = [BYTES_OF[from.dtype], BYTES_OF[output.dtype]];
  const fail = (index: number, code: "non-finite" | "result-overflow"): never => {
    const details = { input: job.labels.base, dtype: output.dtype };
    throw new MergeError(code, { where: name, index, position: positionOf(shape, index), ...details });
  };
  const input = { source, offset: from.offset, dtype: from.dtype };
  const reader = new ChunkReader(null, [input], false, room);
  reader.forEachChunk(stretch.start, stretch.count, ({ start, count, models: [{ bytes }] }) => {
    throwIfCancelled(job.state);
    const values = from.dtype === "F64" ? new Float64Array(count) : new Float32Array(count);
    decode(from.dtype, bytes, values, count);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0 && job.nonFinite === "error") fail(start + bad, "non-finite");
    if (from.dtype === output.dtype) sink.write(output.offset + start * size, bytes);
    else {
      const encoded = new Uint8Array(count * outSize);
      encode(output.dtype, values, encoded, count);
      const rounded = output.dtype === "F64" ? new Float64Array(count) : new Float32Array(count);
      decode(output.dtype, encoded, rounded, count);
      const overflow = rounded.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(values[i]));
      if (overflow >= 0) fail(start + overflow, "result-overflow");
      sink.write(output.offset + start * outSize, encoded);
    }
    addProgress(job.state, size * count);
  });
}
