/** Blocks of single parameters from the same steps as the merge. */
import type { FloatDtype } from "../../protocol/mergeSet";
import { matrixShape, type ParameterBlock, type ParameterRequest } from "../../protocol/tiles";
import { decode } from "../format/decode";
import { encode } from "../format/encode";
import type { ChunkBuffers } from "../kernels/chunkBuffers";
import type { ChunkReader } from "../kernels/chunkReader";
import { BYTES_OF } from "../kernels/chunkReader";
import type { MergeParameters, TiesChunkRules } from "../kernels/kernels";
import { divisorsOf } from "../merge/randomMask";
import { runPictureSteps } from "./pictureSteps";

export interface PictureTensor {
  shape: readonly number[];
  reader: ChunkReader;
  /** In the tensor's arithmetic; overwritten. */
  buffers: ChunkBuffers;
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
    divisors: new Float64Array(models * cells).fill(1),
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
    ties.rules.forEach(({ random }, t) => {
      if (random) block.divisors.set(divisorsOf(random, start, count), t * cells + row * columns);
    });
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
