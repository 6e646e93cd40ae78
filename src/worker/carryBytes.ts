/** Copies a tensor that is not merged. */
import { crc32 } from "node:zlib";
import type { ByteSink, ByteSource } from "../engine/io";
import type { ReaderRoom } from "../engine/kernels/chunkReader";
import { MergeError } from "../protocol/errors";
import type { CarryJob, FileRange } from "./computeApi";
import { addProgress, throwIfCancelled } from "./runState";

/** Bytes copied at a time. */
const COPY_BYTES = 1 << 20;

/** The CRC-32 of what was written. Throws `carried-differs` where others are compared and hold other bytes. */
export function carryBytes(
  job: CarryJob,
  open: (range: FileRange) => ByteSource,
  sink: ByteSink,
  room: ReaderRoom,
): { crc: number } {
  const [mine, theirs] = room.take([COPY_BYTES, COPY_BYTES]);
  let crc = 0;
  for (let at = 0; at < job.bytes; at += COPY_BYTES) {
    throwIfCancelled(job.state);
    const size = Math.min(COPY_BYTES, job.bytes - at);
    const bytes = mine.subarray(0, size);
    open(job.from).read(job.from.offset + at, bytes);
    for (const other of job.others) {
      const copy = theirs.subarray(0, size);
      open(other).read(other.offset + at, copy);
      if (Buffer.compare(bytes, copy) !== 0) {
        const model = job.labels.models[other.model];
        throw new MergeError("carried-differs", { where: job.name, model, dtype: job.dtype });
      }
    }
    sink.write(job.output.offset + at, bytes);
    crc = crc32(bytes, crc);
    addProgress(job.state, size * (1 + job.others.length));
  }
  return { crc };
}
