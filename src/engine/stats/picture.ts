/** Pictures of one tensor from the same steps as the merge: tiles at any zoom, blocks of single parameters. */
import type { FloatDtype } from "../../protocol/mergeSet";
import {
  matrixShape,
  TILE_SIZE,
  type ParameterBlock,
  type ParameterRequest,
  type Tile,
  type TileRequest,
} from "../../protocol/tiles";
import { decode } from "../format/decode";
import { encode } from "../format/encode";
import { ChunkBuffers } from "../kernels/chunkBuffers";
import type { ChunkReader } from "../kernels/chunkReader";
import { BYTES_OF } from "../kernels/chunkReader";
import type { MergeParameters, TiesChunkRules } from "../kernels/kernels";
import { linear } from "../merge/linear";
import { scale } from "../merge/scale";
import { taskArithmetic } from "../merge/taskArithmetic";
import { maskAll } from "../merge/trim";
import { taskVector } from "../merge/taskVector";

export interface PictureTensor {
  shape: readonly number[];
  wide: boolean;
  reader: ChunkReader;
}

/** Runs the steps on stretches of one tensor and shows their results entry by entry. */
class StepsOnTensor {
  readonly buffers: ChunkBuffers;

  constructor(
    private readonly tensor: PictureTensor,
    private readonly parameters: MergeParameters,
    private readonly ties: TiesChunkRules,
  ) {
    this.buffers = new ChunkBuffers(parameters.weights.length, tensor.wide);
  }

  /**
   * Entries start … start + count − 1, at most one chunk: the steps, `steps.merged` and `result` (θ before rounding
   * to the output dtype) as the set's method has them. Entries that are not finite count as unchanged.
   */
  run(start: number, count: number): ChunkBuffers {
    const { buffers, parameters } = this;
    const { base, inputs, result, scratch, steps } = buffers;
    const { method, weights, normalize, lambda } = parameters;
    buffers.load(this.tensor.reader.chunk(start, count), "keep-base");
    if (method === "linear") linear(inputs, weights, normalize, count, scratch, result);
    for (const input of inputs) taskVector(input, base, count, input);
    steps.run(inputs, count, start, parameters, this.ties);
    if (method === "linear") taskVector(result, base, count, steps.merged);
    else if (method === "ties") scale(base, steps.merged, lambda, count, result);
    else {
      const kept = maskAll(this.ties.rules) ? steps.trimmed : inputs;
      taskArithmetic(base, kept, weights, lambda, normalize, count, steps.merged, scratch, result);
    }
    return buffers;
  }
}

/** One tile: every pixel is the true share over its block. `betweenChunks` may throw to cancel. */
export function drawTile(
  tensor: PictureTensor,
  request: TileRequest,
  parameters: MergeParameters,
  ties: TiesChunkRules,
  betweenChunks: () => void,
): Tile {
  const matrix = matrixShape(tensor.shape);
  const models = parameters.weights.length;
  const block = 2 ** request.level;
  const [top, left] = [request.row * TILE_SIZE * block, request.column * TILE_SIZE * block];
  const bottom = Math.min(matrix.rows, top + TILE_SIZE * block);
  const right = Math.min(matrix.columns, left + TILE_SIZE * block);
  const height = Math.max(0, Math.ceil((bottom - top) / block));
  const width = Math.max(0, Math.ceil((right - left) / block));
  const plane = width * height;

  const area = new Float64Array(plane);
  const kept = new Float64Array(2 * models * plane);
  const lost = new Float64Array(models * plane);
  const elected = new Float64Array(3 * plane);
  const merged = new Float64Array(plane);
  const steps = new StepsOnTensor(tensor, parameters, ties);

  const addRun = (start: number, count: number): void => {
    betweenChunks();
    const { steps: done } = steps.run(start, count);
    for (let i = 0; i < count; i++) {
      const row = Math.floor((start + i) / matrix.columns);
      const column = start + i - row * matrix.columns;
      const pixel = Math.floor((row - top) / block) * width + Math.floor((column - left) / block);
      const gamma = done.gamma[i];
      let positive = 0;
      let negative = 0;
      for (let t = 0; t < models; t++) {
        const value = done.trimmed[t][i];
        if (value === 0) continue;
        if (value > 0) positive++;
        else negative++;
        kept[(2 * t + (value > 0 ? 0 : 1)) * plane + pixel]++;
        if (!(done.votes[t][i] * gamma > 0)) lost[t * plane + pixel]++;
      }
      area[pixel]++;
      if (positive + negative > 0 && gamma !== 0) elected[(gamma > 0 ? 0 : 1) * plane + pixel]++;
      if (positive > 0 && negative > 0) elected[2 * plane + pixel]++;
      merged[pixel] += done.merged[i];
    }
  };

  if (left === 0 && right === matrix.columns) {
    const start = top * matrix.columns;
    tensor.reader.forEachStretch(
      start,
      Math.max(0, Math.min(matrix.elements, bottom * matrix.columns) - start),
      addRun,
    );
  } else {
    for (let row = top; row < bottom; row++) {
      const start = row * matrix.columns + left;
      tensor.reader.forEachStretch(
        start,
        Math.max(0, Math.min(matrix.elements, row * matrix.columns + right) - start),
        addRun,
      );
    }
  }
  return {
    ...request,
    width,
    height,
    models,
    kept: shares(kept, area),
    lost: shares(lost, area),
    elected: shares(elected, area),
    merged: Float32Array.from(merged, (sum, pixel) => (area[pixel] > 0 ? sum / area[pixel] : 0)),
  };
}

/** Counts over their block as shares, 0 to 255; what is not nothing is at least 1. */
function shares(counts: Float64Array, area: Float64Array): Uint8Array {
  const plane = area.length;
  return Uint8Array.from(counts, (count, at) =>
    count === 0 ? 0 : Math.max(1, Math.round((255 * count) / area[at % plane])),
  );
}

/** Every step for a block of single parameters; what lies outside the tensor is 0. */
export function readParameters(
  tensor: PictureTensor,
  request: ParameterRequest,
  parameters: MergeParameters,
  ties: TiesChunkRules,
  outDtype: FloatDtype,
): ParameterBlock {
  const matrix = matrixShape(tensor.shape);
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
    thresholds: Float64Array.from(ties.rules, ({ threshold }) => threshold),
    ceilings: Float64Array.from(ties.rules, ({ outliers }) => outliers?.threshold ?? Infinity),
    divisors: Float64Array.from(ties.rules, ({ random }) => random?.density ?? 1),
    elected: new Int8Array(cells),
    merged: new Float64Array(cells),
    result: new Float64Array(cells),
  };
  const steps = new StepsOnTensor(tensor, parameters, ties);
  const rounded = new Uint8Array(BYTES_OF[outDtype] * columns);
  for (let row = 0; row < rows; row++) {
    const start = (request.row + row) * matrix.columns + request.column;
    const count = Math.max(0, Math.min(columns, matrix.elements - start));
    if (count === 0) continue;
    const { base, inputs, result, steps: done } = steps.run(start, count);
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
        block.kept[t * cells + cell] = done.trimmed[t][i] !== 0 ? 1 : 0;
      }
    }
  }
  return block;
}
