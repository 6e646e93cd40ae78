/** The variance of task vectors over the models, read chunk by chunk: what a compute worker does for SCE. */
import type { ChunkReader } from "../engine/kernels/chunkReader";
import { loadChunk } from "../engine/kernels/loadChunk";
import { CHUNK_ELEMENTS, type RawChunk } from "../engine/kernels/rawChunk";
import { countMagnitudes, countsLength, type MagnitudeWindow } from "../engine/merge/magnitudeWindow";
import { varianceOf } from "../engine/merge/sce";
import type { VariancePasses, VarianceSums } from "../engine/merge/selectByVariance";
import { taskVector } from "../engine/merge/taskVector";
import { allocateValues, type Values } from "../engine/merge/values";
import { segmentsOf } from "../engine/plan/workPlan";
import type { JobBase, Stretch, TensorInputs } from "./computeApi";
import { bytesOfEntries } from "./entryBytes";
import { nonFiniteError } from "./nonFiniteError";
import { addProgress, betweenChunks } from "./runState";

/** Bytes that a worker holds for it with N models. */
export const varianceBytes = (models: number): number => (models + 2) * CHUNK_ELEMENTS * 8;

/** Task vectors and variances of one chunk after the other; every pass of a tensor is one method. Throws `non-finite`. */
export class TaskVariance {
  private readonly buffers = new Map<boolean, { base: Values; models: Values[]; variance: Values }>();

  /** Adds the variances of a stretch to the counts of every window. */
  count(
    job: JobBase,
    inputs: TensorInputs,
    reader: ChunkReader,
    stretch: Stretch,
    windows: readonly (MagnitudeWindow | null)[],
    counts: readonly (Uint32Array | null)[],
  ): void {
    this.eachChunk(job, inputs, reader, stretch, ({ count }, { models, variance }) => {
      varianceOf(models, count, variance);
      windows.forEach((window, at) => {
        const into = counts[at];
        if (window && into) countMagnitudes(variance, count, window, into);
      });
    });
  }

  sums(job: JobBase, inputs: TensorInputs, reader: ChunkReader, stretch: Stretch, threshold: number): VarianceSums {
    const above = inputs.models.map(() => 0);
    const atThreshold = inputs.models.map(() => 0);
    let equal = 0;
    this.eachChunk(job, inputs, reader, stretch, ({ count }, { models, variance }) => {
      if (threshold < 0) variance.fill(0, 0, count);
      else varianceOf(models, count, variance);
      for (let i = 0; i < count; i++) if (variance[i] === threshold) equal++;
      models.forEach((values, t) => {
        let [larger, same] = [above[t], atThreshold[t]];
        for (let i = 0; i < count; i++) {
          if (variance[i] > threshold) larger += values[i] * values[i];
          else if (variance[i] === threshold) same += values[i] * values[i];
        }
        [above[t], atThreshold[t]] = [larger, same];
      });
    });
    return { equal, above, atThreshold };
  }

  locate(
    job: JobBase,
    inputs: TensorInputs,
    reader: ChunkReader,
    stretch: Stretch,
    threshold: number,
    keep: number,
  ): { end: number; squares: number[] } {
    const squares = inputs.models.map(() => 0);
    let left = keep;
    let end = -1;
    this.eachChunk(job, inputs, reader, stretch, ({ start, count }, { models, variance }) => {
      if (left === 0) return;
      varianceOf(models, count, variance);
      for (let i = 0; i < count && left > 0; i++) {
        if (variance[i] !== threshold) continue;
        models.forEach((values, t) => (squares[t] += values[i] * values[i]));
        if (--left === 0) end = start + i + 1;
      }
    });
    return { end, squares };
  }

  /** All passes over a tensor by this worker alone. */
  passes(job: JobBase, inputs: TensorInputs, reader: ChunkReader): VariancePasses {
    const stretches = segmentsOf(0, inputs.elements);
    return {
      count: async (windows) => {
        const counts = windows.map((window) => new Uint32Array(countsLength(window)));
        for (const stretch of stretches) this.count(job, inputs, reader, stretch, windows, counts);
        return counts;
      },
      sum: async (threshold) => stretches.map((stretch) => this.sums(job, inputs, reader, stretch, threshold)),
      locate: async (at, threshold, keep) => this.locate(job, inputs, reader, stretches[at], threshold, keep),
    };
  }

  private eachChunk(
    job: JobBase,
    inputs: TensorInputs,
    reader: ChunkReader,
    stretch: Stretch,
    visit: (chunk: RawChunk, values: { models: Values[]; variance: Values }) => void,
  ): void {
    const buffers = this.buffersFor(inputs);
    const { base, models } = buffers;
    reader.forEachChunk(stretch.start, stretch.count, (chunk) => {
      betweenChunks(job);
      const { nonFinite } = loadChunk(chunk, job.nonFinite, base, models);
      if (nonFinite) throw nonFiniteError(job, inputs, nonFinite, chunk.start);
      for (const model of models) taskVector(model, base, chunk.count, model);
      visit(chunk, buffers);
      addProgress(job.state, bytesOfEntries(inputs, chunk.count));
    });
  }

  private buffersFor({ models, wide }: TensorInputs): { base: Values; models: Values[]; variance: Values } {
    const known = this.buffers.get(wide);
    if (known?.models.length === models.length) return known;
    const allocate = (): Values => allocateValues(CHUNK_ELEMENTS, wide);
    const buffers = { base: allocate(), models: models.map(allocate), variance: allocate() };
    this.buffers.set(wide, buffers);
    return buffers;
  }
}
