/** Scalar products of a job's tensors: what a compute worker does for methods that measure angles. */
import type { ReaderRoom } from "../engine/kernels/chunkReader";
import { ChunkReader } from "../engine/kernels/chunkReader";
import { loadChunk } from "../engine/kernels/loadChunk";
import { CHUNK_ELEMENTS } from "../engine/kernels/rawChunk";
import { taskVector } from "../engine/merge/taskVector";
import { allocateValues } from "../engine/merge/values";
import { VectorProducts } from "../engine/merge/vectorProducts";
import type { ProductsJob, TensorRange } from "./computeApi";
import { bytesOfEntries } from "./entryBytes";
import type { FileCache } from "./fileCache";
import { nonFiniteError } from "./nonFiniteError";
import { addProgress, throwIfCancelled } from "./runState";

/** Bytes that a worker holds for it with N models. */
export const productsBytes = (models: number): number => (models + 1) * CHUNK_ELEMENTS * 8;

/** The products of every item, in float64 and in the order of the entries. Throws `non-finite`. */
export function vectorProducts(job: ProductsJob, files: FileCache, room: ReaderRoom): number[][] {
  const open = (range: TensorRange) => ({ source: files.source(range), offset: range.offset, dtype: range.dtype });
  return job.items.map(({ inputs, stretch }) => {
    const allocate = () => allocateValues(Math.min(CHUNK_ELEMENTS, stretch.count), inputs.wide);
    const [base, ...models] = [allocate(), ...inputs.models.map(allocate)];
    const products = new VectorProducts(models.length);
    const reader = new ChunkReader(inputs.base && open(inputs.base), inputs.models.map(open), inputs.wide, room);
    reader.forEachChunk(stretch.start, stretch.count, (chunk) => {
      throwIfCancelled(job.state);
      const { nonFinite } = loadChunk(chunk, job.nonFinite, base, models);
      if (nonFinite) throw nonFiniteError(job, inputs, nonFinite, chunk.start);
      if (job.of === "taskVectors") for (const model of models) taskVector(model, base, chunk.count, model);
      products.add(models, chunk.count);
      addProgress(job.state, bytesOfEntries(inputs, chunk.count));
    });
    return products.sums();
  });
}
