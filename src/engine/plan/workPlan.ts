/**
 * How the work on a merge set is cut. Segments are fixed stretches of a tensor: statistics are summed within a
 * segment in order and over segments in order, so the figures do not depend on threads, jobs or memory.
 */
import type { TrimScope } from "../../protocol/mergeSet";
import { BYTES_OF } from "../kernels/chunkReader";
import { isFloatDtype, type MatchedTensor } from "./matchTensors";

/** Entries of one segment; part of what reports depend on, never to be tuned. */
export const SEGMENT_ELEMENTS = 1 << 20;
/** Bytes of input that one job takes together when tensors are small: enough to outweigh the message. */
export const JOB_BYTES = 6 << 20;
/** Most of them in one job: a message of ten thousand tensors takes tens of megabytes on its way. */
const JOB_ITEMS = 512;

export interface Segment {
  /** Index of the tensor among the matched ones. */
  tensor: number;
  start: number;
  count: number;
}

/** Tensors that share one threshold per model. */
export interface TrimUnit {
  tensors: number[];
  /** Share that trimming keeps, by model. */
  densities: readonly number[];
  elements: number;
  wide: boolean;
}

/** Segments of one tensor. A tensor without entries has none. */
export function segmentsOf(tensor: number, elements: number): Segment[] {
  const segments: Segment[] = [];
  for (let start = 0; start < elements; start += SEGMENT_ELEMENTS) {
    segments.push({ tensor, start, count: Math.min(SEGMENT_ELEMENTS, elements - start) });
  }
  return segments;
}

/**
 * The units of trimming: each tensor, or the whole model. Where densities differ by tensor, the tensors of a model
 * with the same densities are a unit: the share is that of their entries together.
 */
export function trimUnits(
  tensors: readonly MatchedTensor[],
  scope: TrimScope,
  densitiesOf: (tensor: number) => readonly number[],
): TrimUnit[] {
  const merged = tensors.flatMap((tensor, index) => (tensor.kind === "merge" ? [index] : []));
  const unit = (indices: readonly number[]): TrimUnit => ({
    tensors: [...indices],
    densities: densitiesOf(indices[0]),
    elements: indices.reduce((sum, index) => sum + tensors[index].elements, 0),
    wide: indices.some((index) => tensors[index].wide),
  });
  if (scope === "tensor") return merged.map((index) => unit([index]));
  const groups = new Map<string, number[]>();
  // As a rule all tensors have the same ones: they are compared once.
  const keys = new Map<readonly number[], string>();
  for (const index of merged) {
    const densities = densitiesOf(index);
    const key = keys.get(densities) ?? densities.join();
    keys.set(densities, key);
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  }
  return [...groups.values()].map(unit);
}

/** Groups items into jobs of at least JOB_BYTES, or of JOB_ITEMS, in order. */
export function batch<T>(items: readonly T[], bytesOf: (item: T) => number, jobBytes = JOB_BYTES): T[][] {
  const jobs: T[][] = [];
  let current: T[] = [];
  let bytes = 0;
  for (const item of items) {
    current.push(item);
    bytes += bytesOf(item);
    if (bytes < jobBytes && current.length < JOB_ITEMS) continue;
    jobs.push(current);
    current = [];
    bytes = 0;
  }
  if (current.length > 0) jobs.push(current);
  return jobs;
}

/** Bytes of base and models together for one entry of a tensor. */
export function inputBytesPerElement(tensor: MatchedTensor): number {
  const bytesOf = (sum: number, { dtype }: { dtype: string }): number =>
    sum + (isFloatDtype(dtype) ? BYTES_OF[dtype] : 0);
  return tensor.models.reduce(bytesOf, tensor.base ? bytesOf(0, tensor.base) : 0);
}
