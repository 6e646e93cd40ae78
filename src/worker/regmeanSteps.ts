/** The steps of RegMean on a compute worker: sums of Gram matrices, blocks of the factor, rows of the solution. */
import { crc32 } from "node:zlib";
import { decode } from "../engine/format/decode";
import { encode } from "../engine/format/encode";
import type { KernelChoice } from "../engine/kernels/chooseKernels";
import { BYTES_OF, ChunkReader } from "../engine/kernels/chunkReader";
import { countBaseNonFinite, loadChunk } from "../engine/kernels/loadChunk";
import { chooseMatrixKernels, padded, type MatrixKernels } from "../engine/kernels/matrixKernels";
import { firstBeyond, OVERFLOW_LIMIT } from "../engine/kernels/plain";
import { CHUNK_ELEMENTS } from "../engine/kernels/rawChunk";
import { BLOCK, blocksOf, factorBelow, factorDiagonal, LowerTriangle, solveRows } from "../engine/merge/cholesky";
import { isSymmetric, regularized, SolvedRows } from "../engine/merge/regmean";
import { MergeError } from "../protocol/errors";
import type { RegmeanJob, RegmeanLayer, RegmeanStep, StretchResult, TensorRange } from "./computeApi";
import type { FileCache } from "./fileCache";
import { nonFiniteError } from "./nonFiniteError";
import { positionOf } from "./position";
import { addProgress, throwIfCancelled } from "./runState";

type SolveStep = Extract<RegmeanStep, { kind: "solve" }>;

export class RegmeanSteps {
  private readonly kernels: MatrixKernels;
  private raw = new Uint8Array(0);
  /** Decoded entries of base, W_1 and W_t, and the result. */
  private readonly chunks = Array.from({ length: 4 }, () => new Float64Array(CHUNK_ELEMENTS));

  constructor(
    private readonly files: FileCache,
    private readonly choice: KernelChoice,
  ) {
    this.kernels = chooseMatrixKernels(choice.name);
  }

  run(job: RegmeanJob): StretchResult | null {
    const { layer, step } = job;
    throwIfCancelled(job.state);
    const matrix = new LowerTriangle(layer.matrix, layer.order);
    switch (step.kind) {
      case "sum":
        return this.sum(job, matrix, step.block);
      case "factor":
        return this.factor(layer, matrix, step.block);
      case "below":
        for (const rowBlock of step.rowBlocks) {
          throwIfCancelled(job.state);
          factorBelow(matrix, step.block, rowBlock, this.kernels);
        }
        return null;
      case "solve":
        return this.solve(job, matrix, step);
    }
  }

  private sum(job: RegmeanJob, matrix: LowerTriangle, block: number): null {
    const { first, count } = matrix.span(block);
    for (let i = first; i < first + count; i++) matrix.row(i).fill(0);
    matrix.diagonal.fill(0, first, first + count);
    job.layer.grams.forEach((range, model) => this.addGram(job, matrix, block, range, model));
    return null;
  }

  /** Adds G̃_t below the diagonal, and sees to it that above it stands the same. */
  private addGram(job: RegmeanJob, matrix: LowerTriangle, block: number, range: TensorRange, model: number): void {
    const { order, alpha } = job.layer;
    const rows = matrix.span(block);
    const diagonal = this.diagonalOf(job, range, rows.first + rows.count, model);
    const [lower, upper] = [new Float64Array(BLOCK * BLOCK), new Float64Array(BLOCK * BLOCK)];
    for (let other = 0; other <= block; other++) {
      throwIfCancelled(job.state);
      const columns = matrix.span(other);
      this.readTile(range, order, rows, columns, lower);
      this.readTile(range, order, columns, rows, upper);
      for (let r = 0; r < rows.count; r++) {
        const i = rows.first + r;
        const sums = matrix.row(i);
        for (let c = 0; c < columns.count && columns.first + c <= i; c++) {
          const j = columns.first + c;
          const [value, across] = [lower[r * BLOCK + c], upper[c * BLOCK + r]];
          if (!Number.isFinite(value)) throw gramValueError(job, model, value, i, j);
          if (!Number.isFinite(across)) throw gramValueError(job, model, across, j, i);
          if (!isSymmetric(value, across, diagonal[i], diagonal[j])) {
            throw new MergeError("gram-not-symmetric", {
              where: job.layer.name,
              model: job.labels.models[model],
              value,
              other: across,
              position: positionOf([order, order], i * order + j),
            });
          }
          sums[j] += regularized(value, i, j, alpha);
        }
      }
      addProgress(job.state, 2 * rows.count * columns.count * BYTES_OF[range.dtype]);
    }
    for (let i = rows.first; i < rows.first + rows.count; i++) matrix.diagonal[i] += diagonal[i];
  }

  /** The first `count` entries of a Gram matrix's diagonal; throws `gram-value` where one is below 0 or not finite. */
  private diagonalOf(job: RegmeanJob, range: TensorRange, count: number, model: number): Float64Array {
    const { order } = job.layer;
    const diagonal = new Float64Array(count);
    const one = new Float64Array(1);
    for (let i = 0; i < count; i++) {
      this.read(range, i * (order + 1), 1, one);
      if (!(one[0] >= 0) || one[0] === Infinity) throw gramValueError(job, model, one[0], i, i);
      diagonal[i] = one[0];
    }
    return diagonal;
  }

  private readTile(
    range: TensorRange,
    order: number,
    rows: { first: number; count: number },
    columns: { first: number; count: number },
    into: Float64Array,
  ): void {
    for (let r = 0; r < rows.count; r++) {
      const target = into.subarray(r * BLOCK, r * BLOCK + columns.count);
      this.read(range, (rows.first + r) * order + columns.first, columns.count, target);
    }
  }

  /** Decodes `count` entries from `start` on. */
  private read(range: TensorRange, start: number, count: number, into: Float64Array): void {
    const size = BYTES_OF[range.dtype];
    if (this.raw.length < count * size) this.raw = new Uint8Array(count * size);
    const bytes = this.raw.subarray(0, count * size);
    this.files.source(range).read(range.offset + start * size, bytes);
    decode(range.dtype, bytes, into, count);
  }

  private factor({ name }: RegmeanLayer, matrix: LowerTriangle, block: number): null {
    const bad = factorDiagonal(matrix, block, this.kernels);
    if (!bad) return null;
    const short = (value: number): string => (Number.isFinite(value) ? value.toPrecision(3) : "infinite");
    throw new MergeError("gram-not-positive-definite", {
      where: name,
      index: bad.index,
      pivot: short(bad.pivot),
      diagonal: short(bad.diagonal),
      condition: Number.isFinite(bad.condition) ? `about ${bad.condition.toExponential(1)}` : "infinite",
    });
  }

  private solve(job: RegmeanJob, matrix: LowerTriangle, step: SolveStep): StretchResult {
    const { order } = job.layer;
    const { inputs, stretch } = step;
    const rows = stretch.count / order;
    const solved = new SolvedRows(order, this.kernels);
    for (let t = 1; t < inputs.models.length; t++) {
      this.eachEntries(job, step, t, (start, count) => {
        const [, first, model] = this.chunks;
        for (let i = 0; i < count; i++) {
          const at = start - stretch.start + i;
          const row = Math.floor(at / order);
          solved.differences[row * solved.stride + at - row * order] = model[i] - first[i];
        }
      });
      this.addProducts(job, solved, job.layer.grams[t], rows);
    }
    const cancel = (): void => throwIfCancelled(job.state);
    solveRows(matrix, solved.sums, solved.stride, padded(rows), solved.strips, this.kernels, cancel);
    return this.write(job, step, solved);
  }

  private addProducts(job: RegmeanJob, solved: SolvedRows, gram: TensorRange, rows: number): void {
    const { order, alpha } = job.layer;
    const line = new Float64Array(order);
    for (let block = 0; block < blocksOf(order); block++) {
      throwIfCancelled(job.state);
      const first = block * BLOCK;
      const depth = Math.min(BLOCK, order - first);
      for (let row = first; row < first + depth; row++) {
        this.read(gram, row * order, order, line);
        solved.packRow(line, row, first, depth, alpha);
      }
      solved.addProduct(rows, first, depth);
      addProgress(job.state, depth * order * BYTES_OF[gram.dtype]);
    }
  }

  /** W_1 plus the solution, rounded once to the output's dtype. */
  private write(job: RegmeanJob, step: SolveStep, solved: SolvedRows): StretchResult {
    const { inputs, stretch, output } = step;
    const { order, stride, sums } = solved;
    const sink = this.files.sink(output.file);
    const size = BYTES_OF[output.dtype];
    const result = this.chunks[3];
    let crc = 0;
    const replacedAt = new Set<number>();
    let baseNonFinite = 0;
    // Where only another model than W_1 was not finite, the merge took the base's value for it, too.
    for (let t = 2; t < inputs.models.length; t++) {
      this.eachEntries(
        job,
        step,
        t,
        (start, _, replaced) => {
          for (const index of replaced.keys()) replacedAt.add(start + index);
        },
        job.nonFinite === "keep-base",
      );
    }
    this.eachEntries(job, step, Math.min(1, inputs.models.length - 1), (start, count, replaced) => {
      const [, first] = this.chunks;
      for (let i = 0; i < count; i++) {
        const at = start - stretch.start + i;
        const row = Math.floor(at / order);
        result[i] = first[i] + sums[row * stride + at - row * order];
      }
      const overflow = firstBeyond(result, count, OVERFLOW_LIMIT[output.dtype]);
      if (overflow >= 0) throw overflowError(inputs, start + overflow, output.dtype);
      baseNonFinite += countBaseNonFinite(replaced);
      for (const [index, value] of replaced) {
        replacedAt.add(start + index);
        if (value !== null) result[index] = value;
      }
      const bytes = this.choice.output.subarray(0, count * size);
      encode(output.dtype, result, bytes, count);
      sink.write(output.offset + start * size, bytes);
      crc = crc32(bytes, crc);
    });
    const elected = { positive: 0, negative: 0, cancelled: 0 };
    return { crc, tally: null, elected, replaced: replacedAt.size, baseNonFinite };
  }

  /** Decodes base, W_1 and W_t of the stretch, chunk by chunk, into `chunks`. */
  private eachEntries(
    job: RegmeanJob,
    { inputs, stretch }: SolveStep,
    t: number,
    visit: (start: number, count: number, replaced: Map<number, number | null>) => void,
    needed = true,
  ): void {
    if (!needed) return;
    const open = (range: TensorRange) => ({
      source: this.files.source(range),
      offset: range.offset,
      dtype: range.dtype,
    });
    const pair = [inputs.models[0], inputs.models[t]];
    const reader = new ChunkReader(inputs.base && open(inputs.base), pair.map(open), true, this.choice.room);
    const [base, ...models] = this.chunks;
    reader.forEachChunk(stretch.start, stretch.count, (chunk) => {
      throwIfCancelled(job.state);
      const { nonFinite, replaced } = loadChunk(chunk, job.nonFinite, base, models);
      if (nonFinite) {
        const model = nonFinite.model === 1 ? t : nonFinite.model;
        throw nonFiniteError(job, inputs, { ...nonFinite, model }, chunk.start);
      }
      visit(chunk.start, chunk.count, replaced);
      addProgress(
        job.state,
        chunk.models.reduce((sum, { bytes }) => sum + bytes.length, 0),
      );
    });
  }
}

const gramValueError = (job: RegmeanJob, model: number, value: number, row: number, column: number): MergeError =>
  new MergeError("gram-value", {
    where: job.layer.name,
    model: job.labels.models[model],
    value: String(value),
    position: positionOf([job.layer.order, job.layer.order], row * job.layer.order + column),
  });

const overflowError = ({ name, shape }: SolveStep["inputs"], index: number, dtype: string): MergeError =>
  new MergeError("result-overflow", { where: name, index, position: positionOf(shape, index), dtype });
