/** A checkpoint whose headers have been read and checked; its weights stay in its files. */
import type { Adapter } from "./peft/adapter";
import { elementCount } from "./tensorEntry";
import type { TensorEntry } from "./tensorEntry";

export interface TensorRef extends TensorEntry {
  /** Absolute path of the file that holds the tensor. */
  file: string;
}

export type CheckpointFormat = "safetensors" | "pytorch" | "peft";

export interface Checkpoint {
  /** Absolute path, as it was asked for: a file or a folder. */
  path: string;
  /** Absolute path of what holds its small files: the path, or of a model with an adapter that of the model. */
  folder: string;
  /** Last part of the path without its extension; for people. */
  name: string;
  format: CheckpointFormat;
  /** Absolute paths of the files that hold weights, or say how they are read. */
  files: string[];
  /** Set for an adapter by itself. */
  adapter?: Adapter;
  /** Its head is its own, though the config in its folder says that it is its embedding. */
  untied?: true;
  /** By name, in the order of the files and of the bytes in them. */
  tensors: ReadonlyMap<string, TensorRef>;
  /** Metadata of the files; where they differ, the first one's. */
  metadata: Record<string, string>;
  /** Bytes of all tensors. */
  bytes: number;
  /** Elements of all tensors. */
  parameters: number;
}

/** A checkpoint of the tensors found, with the sums that follow from them. */
export function makeCheckpoint(
  parts: Pick<Checkpoint, "path" | "folder" | "name" | "format" | "files" | "metadata">,
  tensors: Iterable<TensorRef>,
): Checkpoint {
  const byName = new Map<string, TensorRef>();
  let bytes = 0;
  let parameters = 0;
  for (const tensor of tensors) {
    byName.set(tensor.name, tensor);
    bytes += tensor.end - tensor.begin;
    parameters += elementCount(tensor.shape);
  }
  return { ...parts, tensors: byName, bytes, parameters };
}
