/** Fisher values on their way through a compute worker: their squares, and what is wrong with one. */
import { decode } from "../engine/format/decode";
import { FisherKernel, type BadFisherValue } from "../engine/kernels/fisherKernel";
import { NOTHING_FOUND, type Kernels } from "../engine/kernels/kernels";
import { BYTES_OF, ChunkReader, type ReaderRoom } from "../engine/kernels/chunkReader";
import { CHUNK_ELEMENTS } from "../engine/kernels/rawChunk";
import { MergeError } from "../protocol/errors";
import type { JobBase, MergeJob, SquaresJob, TensorInputs } from "./computeApi";
import type { FileCache } from "./fileCache";
import { positionOf } from "./position";
import { addProgress, throwIfCancelled } from "./runState";

/** Σ F² of every item in float64, in the order of the entries. Throws `fisher-value`. */
export function sumSquares(job: SquaresJob, files: FileCache, room: ReaderRoom): number[] {
  const values = new Float64Array(CHUNK_ELEMENTS);
  return job.items.map(({ name, shape, range, stretch, model }) => {
    const input = { source: files.source(range), offset: range.offset, dtype: range.dtype };
    let sum = 0;
    new ChunkReader(null, [input], false, room).forEachChunk(stretch.start, stretch.count, (chunk) => {
      throwIfCancelled(job.state);
      const { start, count, models } = chunk;
      decode(range.dtype, models[0].bytes, values, count);
      for (let index = 0; index < count; index++) {
        const value = values[index];
        // Not ≥ 0 holds for NaN, too.
        if (!(value >= 0) || value === Infinity)
          throw fisherValueError(job, { name, shape }, { model, index, value }, start);
        sum += value * value;
      }
      addProgress(job.state, count * BYTES_OF[range.dtype]);
    });
    return sum;
  });
}

/** Fisher merging in the place of the kernels' own methods; its buffers stay from chunk to chunk. */
export class FisherMergers {
  private kernel: FisherKernel | null = null;

  /** For chunks in which the models' Fisher values stand behind the models. Throws `fisher-value`. */
  merger(
    job: MergeJob,
    inputs: TensorInputs,
    coefficients: readonly number[],
    kernels: Kernels,
  ): Pick<Kernels, "merge"> {
    const models = inputs.models.length;
    return {
      merge: (chunk, parameters, ties, output, tally) => {
        if (!output) return kernels.merge(chunk, parameters, ties, output, tally);
        if (this.kernel?.models !== models) this.kernel = new FisherKernel(models);
        const own = { ...chunk, models: chunk.models.slice(0, models) };
        const found = tally ? kernels.merge(own, parameters, ties, null, tally) : NOTHING_FOUND;
        const values = chunk.models.slice(models);
        const { outcome, bad } = this.kernel.merge(own, values, coefficients, job.nonFinite, output);
        if (bad) throw fisherValueError(job, inputs, bad, chunk.start);
        return { ...found, ...outcome };
      },
    };
  }
}

function fisherValueError(
  { labels }: JobBase,
  { name, shape }: Pick<TensorInputs, "name" | "shape">,
  { model, index, value }: BadFisherValue,
  start: number,
): MergeError {
  return new MergeError("fisher-value", {
    where: name,
    model: labels.models[model],
    value: String(value),
    index: start + index,
    position: positionOf(shape, start + index),
  });
}
