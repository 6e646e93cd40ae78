/** Factors merged matrices on a compute worker: truncated SVD, the factors written, and how far off they are. */
import { crc32 } from "node:zlib";
import { decode } from "../engine/format/decode";
import { encode } from "../engine/format/encode";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import type { KernelChoice } from "../engine/kernels/chooseKernels";
import { chooseMatrixKernels, type MatrixKernels } from "../engine/kernels/matrixKernels";
import { firstBeyond, OVERFLOW_LIMIT } from "../engine/kernels/plain";
import { squaresOf } from "../engine/merge/squares";
import { residualSquares, truncatedSvd } from "../engine/merge/truncatedSvd";
import { MergeError } from "../protocol/errors";
import type { FactorJob, FactorOutput, StretchResult } from "./computeApi";
import type { FileCache } from "./fileCache";
import { positionOf } from "./position";
import { addProgress, throwIfCancelled } from "./runState";

/** Entries encoded at a time. */
const PIECE_ENTRIES = 1 << 16;

export class FactorSteps {
  private readonly kernels: MatrixKernels;

  constructor(
    private readonly files: FileCache,
    choice: KernelChoice,
  ) {
    this.kernels = chooseMatrixKernels(choice.name);
  }

  run(job: FactorJob): [StretchResult, StretchResult] {
    const { rows, columns, rank, work, state } = job;
    const values = job.wide ? new Float64Array(job.matrix) : new Float32Array(job.matrix);
    const matrix = { values, rows, columns };
    let counted = 0;
    const betweenSteps = (done: number): void => {
      throwIfCancelled(state);
      const reached = Math.floor(done * work);
      addProgress(state, reached - counted);
      counted = reached;
    };
    const factors = truncatedSvd(matrix, rank, this.kernels, betweenSteps);
    const [a, b] = [this.write(job.a, factors.right), this.write(job.b, factors.left)];
    // Of the factors as they are written.
    const rest = residualSquares(matrix, factors, this.kernels, () => throwIfCancelled(state));
    addProgress(state, work - counted);
    return [{ ...a, squares: { whole: squaresOf(values), rest } }, b];
  }

  /** Rounds the values to what is written. */
  private write({ name, shape, position }: FactorOutput, values: Float64Array): StretchResult {
    const { file, offset, dtype } = position;
    const sink = this.files.sink(file);
    const size = BYTES_OF[dtype];
    const beyond = firstBeyond(values, values.length, OVERFLOW_LIMIT[dtype]);
    if (beyond >= 0) {
      throw new MergeError("result-overflow", {
        where: name,
        index: beyond,
        position: positionOf(shape, beyond),
        dtype,
      });
    }
    let crc = 0;
    for (let at = 0; at < values.length; at += PIECE_ENTRIES) {
      const piece = values.subarray(at, at + PIECE_ENTRIES);
      const bytes = new Uint8Array(piece.length * size);
      encode(dtype, piece, bytes, piece.length);
      decode(dtype, bytes, piece, piece.length);
      sink.write(offset + at * size, bytes);
      crc = crc32(bytes, crc);
    }
    return { crc, tally: null, elected: { positive: 0, negative: 0, cancelled: 0 }, replaced: 0, baseNonFinite: 0 };
  }
}
