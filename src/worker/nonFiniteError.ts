import type { NonFinite } from "../engine/kernels/rawChunk";
import { MergeError } from "../protocol/errors";
import type { JobBase, TensorInputs } from "./computeApi";
import { positionOf } from "./position";

/** @param start index in the tensor of the first entry of the chunk. */
export function nonFiniteError(
  job: JobBase,
  inputs: TensorInputs,
  { model, index }: NonFinite,
  start: number,
): MergeError {
  return new MergeError("non-finite", {
    where: inputs.name,
    input: model < 0 ? job.labels.base : job.labels.models[model],
    index: start + index,
    position: positionOf(inputs.shape, start + index),
  });
}
