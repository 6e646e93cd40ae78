/** What the kernels found that no merge may go on with. */
import type { ChunkOutcome } from "../engine/kernels/kernels";
import { MergeError } from "../protocol/errors";
import type { JobBase, TensorInputs } from "./computeApi";
import { nonFiniteError } from "./nonFiniteError";
import { positionOf } from "./position";

/** Throws `non-finite`, `weights-cancel` or `result-overflow` with the entry's place in the tensor. */
export function checkOutcome(
  job: JobBase,
  inputs: TensorInputs,
  outcome: ChunkOutcome,
  start: number,
  dtype: string,
): void {
  if (outcome.nonFinite) throw nonFiniteError(job, inputs, outcome.nonFinite, start);
  const details = (index: number): { where: string; index: number; position: string } => ({
    where: inputs.name,
    index: start + index,
    position: positionOf(inputs.shape, start + index),
  });
  if (outcome.weightSum >= 0) throw new MergeError("weights-cancel", details(outcome.weightSum));
  if (outcome.overflow >= 0) throw new MergeError("result-overflow", { ...details(outcome.overflow), dtype });
}
