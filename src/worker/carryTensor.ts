/** Copies a tensor that is not merged, after comparing the models that have it. */
import { crc32 } from "node:zlib";
import type { ReaderRoom } from "../engine/kernels/chunkReader";
import { MergeError } from "../protocol/errors";
import type { CarryJob } from "./computeApi";
import type { FileCache } from "./fileCache";
import { addProgress, throwIfCancelled } from "./runState";

/** Bytes copied at a time. */
const COPY_BYTES = 1 << 20;

/** Returns the CRC-32 of what was written; throws `carried-differs` where a model has other bytes. */
export function carryTensor(job: CarryJob, files: FileCache, room: ReaderRoom): { crc: number } {
  const [mine, theirs] = room.take([COPY_BYTES, COPY_BYTES]);
  const sink = files.sink(job.output.file);
  let crc = 0;
  for (let at = 0; at < job.bytes; at += COPY_BYTES) {
    throwIfCancelled(job.state);
    const size = Math.min(COPY_BYTES, job.bytes - at);
    const bytes = mine.subarray(0, size);
    files.source(job.from).read(job.from.offset + at, bytes);
    for (const other of job.others) {
      const copy = theirs.subarray(0, size);
      files.source(other).read(other.offset + at, copy);
      if (Buffer.compare(bytes, copy) !== 0) {
        throw new MergeError("carried-differs", {
          where: job.name,
          model: job.labels.models[other.model],
          dtype: job.dtype,
        });
      }
    }
    sink.write(job.output.offset + at, bytes);
    crc = crc32(bytes, crc);
    addProgress(job.state, size * (1 + job.others.length));
  }
  return { crc };
}
