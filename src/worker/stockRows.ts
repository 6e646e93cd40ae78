/** Model Stock with a ratio for each row, in the place of the kernels' own methods. */
import { ChunkBuffers } from "../engine/kernels/chunkBuffers";
import { ChunkReader, HeapRoom } from "../engine/kernels/chunkReader";
import { encode } from "../engine/format/encode";
import {
  NOTHING_FOUND,
  type ChunkOutcome,
  type Kernels,
  type MergeParameters,
  type RawOutput,
} from "../engine/kernels/kernels";
import { countBaseNonFinite } from "../engine/kernels/loadChunk";
import { firstBeyond, OVERFLOW_LIMIT } from "../engine/kernels/plain";
import { CHUNK_ELEMENTS, type RawChunk } from "../engine/kernels/rawChunk";
import { stockRatio } from "../engine/merge/modelStock";
import { mergeRows, RowProducts } from "../engine/merge/stockRows";
import { taskVector } from "../engine/merge/taskVector";
import { productCount } from "../engine/merge/vectorProducts";
import { MergeError } from "../protocol/errors";
import type { MergeJob, TensorInputs, TensorRange } from "./computeApi";
import { bytesOfEntries } from "./entryBytes";
import type { FileCache } from "./fileCache";
import { nonFiniteError } from "./nonFiniteError";
import { addProgress, throwIfCancelled } from "./runState";

export class StockRows {
  private readonly buffers = new Map<string, ChunkBuffers>();
  private readonly room = new HeapRoom();

  constructor(private readonly files: FileCache) {}

  /** Throws `non-finite`, and `task-vectors-cancel` where a row has no ratio. */
  merger(job: MergeJob, inputs: TensorInputs, length: number, kernels: Kernels): Pick<Kernels, "merge"> {
    return {
      merge: (chunk, parameters, ties, output, tally) => {
        if (!output) return kernels.merge(chunk, parameters, ties, output, tally);
        const found = tally ? kernels.merge(chunk, parameters, ties, null, tally) : NOTHING_FOUND;
        return { ...found, ...this.merge(job, inputs, length, chunk, parameters, output) };
      },
    };
  }

  private merge(
    job: MergeJob,
    inputs: TensorInputs,
    length: number,
    chunk: RawChunk,
    parameters: MergeParameters,
    output: RawOutput,
  ): Pick<ChunkOutcome, "nonFinite" | "replaced" | "baseNonFinite" | "overflow"> {
    const ratios = this.ratios(job, inputs, length, chunk);
    const buffers = this.buffersFor(inputs);
    const { base, inputs: models, steps, scratch, result } = buffers;
    const { count } = chunk;
    const { nonFinite, replaced } = buffers.load(chunk, job.nonFinite);
    const baseNonFinite = countBaseNonFinite(replaced);
    const outcome = { nonFinite, replaced: replaced.size, baseNonFinite, overflow: -1 };
    if (nonFinite) return outcome;
    mergeRows(base, models, { ...chunk, length }, ratios, parameters.lambda, steps.merged, scratch, result);
    outcome.overflow = firstBeyond(result, count, OVERFLOW_LIMIT[output.dtype]);
    for (const [index, value] of replaced) if (value !== null) result[index] = value;
    encode(output.dtype, result, output.bytes, count);
    return outcome;
  }

  /** t of every row that the chunk touches. The rows are read whole, also where the chunk holds but a part of one. */
  private ratios(job: MergeJob, inputs: TensorInputs, length: number, { start, count }: RawChunk): Float64Array {
    const first = Math.floor(start / length);
    const rows = Math.ceil((start + count) / length) - first;
    const models = inputs.models.length;
    const products = new RowProducts(models, length, first, rows);
    const buffers = this.buffersFor(inputs);
    this.readerOf(inputs).forEachChunk(first * length, rows * length, (part) => {
      throwIfCancelled(job.state);
      const { nonFinite } = buffers.load(part, job.nonFinite);
      if (nonFinite) throw nonFiniteError(job, inputs, nonFinite, part.start);
      for (const model of buffers.inputs) taskVector(model, buffers.base, part.count, model);
      products.add(buffers.inputs, part.start, part.count);
    });
    addProgress(job.state, bytesOfEntries(inputs, count));
    return Float64Array.from({ length: rows }, (_, row) => {
      const ratio = stockRatio(products.ofRow(first + row), models);
      if (ratio === null) throw new MergeError("task-vectors-cancel", { where: `${inputs.name}, row ${first + row}` });
      return ratio;
    });
  }

  private readerOf({ base, models, wide }: TensorInputs): ChunkReader {
    const open = (range: TensorRange) => ({
      source: this.files.source(range),
      offset: range.offset,
      dtype: range.dtype,
    });
    return new ChunkReader(base && open(base), models.map(open), wide, this.room);
  }

  private buffersFor({ models, wide }: TensorInputs): ChunkBuffers {
    const key = `${models.length} ${wide}`;
    const buffers = this.buffers.get(key) ?? new ChunkBuffers(models.length, wide);
    this.buffers.set(key, buffers);
    return buffers;
  }
}

/** Bytes that a worker holds for it with N models beside plain kernels: products of rows of one entry at the worst. */
export const stockRowsBytes = (models: number): number => 8 * (CHUNK_ELEMENTS + 2) * (productCount(models) + 1);
