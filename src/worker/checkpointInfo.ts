import type { Checkpoint } from "../engine/format/checkpoint";
import type { CheckpointInfo } from "../protocol/engineApi";

/** What `ties-merge info` tells of a checkpoint. */
export function checkpointInfo({ format, tensors, parameters, bytes, metadata }: Checkpoint): CheckpointInfo {
  return {
    format,
    tensors: [...tensors.values()].map(({ name, dtype, shape, begin, end }) => ({
      name,
      dtype,
      shape,
      bytes: end - begin,
    })),
    parameters,
    bytes,
    metadata,
  };
}
