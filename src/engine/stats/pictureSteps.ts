/** The steps of the merge on one chunk, with all that pictures show of it. */
import type { ChunkBuffers } from "../kernels/chunkBuffers";
import type { MergeParameters, TiesChunkRules } from "../kernels/kernels";
import type { RawChunk } from "../kernels/rawChunk";
import { linear } from "../merge/linear";
import { scale } from "../merge/scale";
import { taskArithmetic } from "../merge/taskArithmetic";
import { taskVector } from "../merge/taskVector";
import { maskAll } from "../merge/trim";

/**
 * Afterwards `inputs` hold τ_t, and `steps.merged` and `result` (θ before rounding to the output dtype) what the set's
 * method gives. Entries that are not finite count as unchanged.
 */
export function runPictureSteps(
  buffers: ChunkBuffers,
  chunk: RawChunk,
  parameters: MergeParameters,
  ties: TiesChunkRules,
): ChunkBuffers {
  const { base, inputs, result, scratch, steps } = buffers;
  const { method, weights, normalize, lambda } = parameters;
  const { count, start } = chunk;
  buffers.load(chunk, "keep-base");
  if (method === "linear") linear(inputs, weights, normalize, count, scratch, result);
  for (const input of inputs) taskVector(input, base, count, input);
  steps.run(inputs, count, start, parameters, ties);
  if (method === "linear") taskVector(result, base, count, steps.merged);
  else if (method === "ties") scale(base, steps.merged, lambda, count, result);
  else {
    const kept = maskAll(ties.rules) ? steps.trimmed : inputs;
    taskArithmetic(base, kept, weights, lambda, normalize, count, steps.merged, scratch, result);
  }
  return buffers;
}
