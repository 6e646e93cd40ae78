/** Pictures of one tensor from the same steps as the merge: tiles of few entries, blocks of single parameters. */
import type { FloatDtype } from "../../protocol/mergeSet";
import {
  matrixShape,
  type ParameterBlock,
  type ParameterRequest,
  type Tile,
  type TileRequest,
} from "../../protocol/tiles";
import { decode } from "../format/decode";
import { encode } from "../format/encode";
import type { ChunkBuffers } from "../kernels/chunkBuffers";
import type { ChunkReader } from "../kernels/chunkReader";
import { BYTES_OF } from "../kernels/chunkReader";
import type { MergeParameters, TiesChunkRules } from "../kernels/kernels";
import { electedPlane, lostPlane, negativePlane, planeCount, positivePlane } from "./octets";
import { runPictureSteps } from "./pictureSteps";
import { tileAreas, tileExtent, tileOfCounts } from "./pyramid";

export interface PictureTensor {
  shape: readonly number[];
  reader: ChunkReader;
  /** In the tensor's arithmetic; overwritten. */
  buffers: ChunkBuffers;
}

/**
 * One tile, straight from the entries that it covers: for the finest levels, whose tiles cover few. Every pixel is
 * the true share over its block. `betweenChunks` may throw to cancel.
 */
export function drawTile(
  { shape, reader, buffers }: PictureTensor,
  request: TileRequest,
  parameters: MergeParameters,
  ties: TiesChunkRules,
  betweenChunks: () => void,
): Tile {
  const matrix = matrixShape(shape);
  const models = parameters.weights.length;
  const { region, width, height } = tileExtent(matrix, request);
  const counter = new PixelCounter(models, width, height, request.level);
  const bottom = region.row + region.rows;
  const whole = region.columns === matrix.columns;
  const rowsAtOnce = whole ? Math.max(1, Math.floor(reader.chunkElements / matrix.columns)) : 1;
  for (let row = region.row; row < bottom; row += rowsAtOnce) {
    const start = row * matrix.columns + region.column;
    const length = whole ? Math.min(rowsAtOnce, bottom - row) * matrix.columns : region.columns;
    reader.forEachStretch(start, Math.max(0, Math.min(length, matrix.elements - start)), (at, count) => {
      betweenChunks();
      const { steps } = runPictureSteps(buffers, reader.chunk(at, count), parameters, ties);
      for (let done = 0; done < count;) {
        const y = Math.floor((at + done) / matrix.columns);
        const x = at + done - y * matrix.columns;
        const here = Math.min(count - done, matrix.columns - x);
        counter.add(steps, done, here, y - region.row, x - region.column);
        done += here;
      }
    });
  }
  return tileOfCounts(request, models, width, height, counter.counts, counter.sums, tileAreas(matrix, request));
}

/** Adds entries of one row to the pixels that cover them. */
class PixelCounter {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  private readonly size: number;

  constructor(
    private readonly models: number,
    private readonly width: number,
    height: number,
    private readonly level: number,
  ) {
    this.size = width * height;
    this.counts = new Float64Array(planeCount(models) * this.size);
    this.sums = new Float64Array(this.size);
  }

  /** Entries from `first` on of what the steps have run on, at (row, column) from the tile's corner. */
  add(
    { trimmed, votes, gamma, merged }: ChunkBuffers["steps"],
    first: number,
    count: number,
    row: number,
    column: number,
  ): void {
    const { counts, sums, size, models, level, width } = this;
    const line = (row >> level) * width;
    const elected = electedPlane(models) * size;
    for (let k = 0; k < count; k++) {
      const i = first + k;
      const pixel = line + ((column + k) >> level);
      const sign = gamma[i];
      let above = 0;
      let below = 0;
      for (let t = 0; t < models; t++) {
        const value = trimmed[t][i];
        if (value === 0) continue;
        if (value > 0) above = 1;
        else below = 1;
        counts[(value > 0 ? positivePlane(t) : negativePlane(t)) * size + pixel]++;
        if (!(votes[t][i] * sign > 0)) counts[lostPlane(models, t) * size + pixel]++;
      }
      if (sign !== 0) counts[elected + (sign > 0 ? 0 : size) + pixel]++;
      counts[elected + 2 * size + pixel] += above & below;
      sums[pixel] += merged[i];
    }
  }
}

/** Every step for a block of single parameters; what lies outside the tensor is 0. */
export function readParameters(
  { shape, reader, buffers }: PictureTensor,
  request: ParameterRequest,
  parameters: MergeParameters,
  densities: readonly number[],
  ties: TiesChunkRules,
  outDtype: FloatDtype,
): ParameterBlock {
  const matrix = matrixShape(shape);
  const models = parameters.weights.length;
  const rows = Math.max(0, Math.min(request.rows, matrix.rows - request.row));
  const columns = Math.max(0, Math.min(request.columns, matrix.columns - request.column));
  const cells = rows * columns;
  const block: ParameterBlock = {
    ...request,
    rows,
    columns,
    models,
    base: new Float64Array(cells),
    taskVectors: new Float64Array(models * cells),
    kept: new Uint8Array(models * cells),
    lost: new Uint8Array(models * cells),
    thresholds: Float64Array.from(ties.rules, ({ threshold }) => threshold),
    ceilings: Float64Array.from(ties.rules, ({ outliers }) => outliers?.threshold ?? Infinity),
    divisors: Float64Array.from(ties.rules, ({ random }) => random?.density ?? 1),
    elected: new Int8Array(cells),
    merged: new Float64Array(cells),
    result: new Float64Array(cells),
    weights: Float64Array.from(parameters.weights),
    densities: Float64Array.from(densities),
    lambda: parameters.lambda,
    normalize: parameters.normalize,
    outDtype,
  };
  const rounded = new Uint8Array(BYTES_OF[outDtype] * columns);
  for (let row = 0; row < rows; row++) {
    const start = (request.row + row) * matrix.columns + request.column;
    const count = Math.max(0, Math.min(columns, matrix.elements - start));
    if (count === 0) continue;
    const chunk = reader.chunk(start, count);
    const { base, inputs, result, steps: done } = runPictureSteps(buffers, chunk, parameters, ties);
    encode(outDtype, result, rounded, count);
    decode(outDtype, rounded, result, count);
    for (let i = 0; i < count; i++) {
      const cell = row * columns + i;
      block.base[cell] = base[i];
      block.elected[cell] = done.gamma[i];
      block.merged[cell] = done.merged[i];
      block.result[cell] = result[i];
      for (let t = 0; t < models; t++) {
        block.taskVectors[t * cells + cell] = inputs[t][i];
        const kept = done.trimmed[t][i] !== 0;
        block.kept[t * cells + cell] = kept ? 1 : 0;
        block.lost[t * cells + cell] = kept && !(done.votes[t][i] * done.gamma[i] > 0) ? 1 : 0;
      }
    }
  }
  return block;
}
