/** The entries of a sample as they stand in the files, of base and models, tensor by tensor. */
import { decode } from "../format/decode";
import { CHUNK_ELEMENTS, type RawChunk, type RawInput } from "../kernels/rawChunk";
import type { Values } from "../merge/values";
import type { HeldRanks } from "./heldRanks";
import { REPLICATES } from "./samplePlan";

export interface HeldTensor {
  name: string;
  /** Layer group. */
  group: string;
  shape: readonly number[];
  /** Of the tensor, and in the sample. */
  elements: number;
  entries: number;
  /** Every entry is in the sample, in order. */
  whole: boolean;
  wide: boolean;
  base: RawInput;
  models: RawInput[];
  /** Held blocks in their order, to tell where an entry stands in the tensor. */
  blocks: readonly { start: number; count: number }[];
  /** Where they were read with the rows around them. */
  ranks?: HeldRanks;
}

/** A stretch of what is held of one tensor: all of it, or one replicate. */
export interface HeldStretch {
  start: number;
  count: number;
  /** Entries of the tensor that each of them stands for. */
  weight: number;
}

/** Whole tensors up to this size are in every replicate as they are: shares of them would be too few entries. */
const SHARED_WHOLE = 1 << 9;

/** What a replicate (null: the whole sample) holds of a tensor. */
export function stretchOf({ elements, entries, whole }: HeldTensor, replicate: number | null): HeldStretch {
  if (replicate === null || (whole && entries <= SHARED_WHOLE)) {
    return { start: 0, count: entries, weight: entries > 0 ? elements / entries : 0 };
  }
  const start = Math.floor((entries * replicate) / REPLICATES);
  const count = Math.floor((entries * (replicate + 1)) / REPLICATES) - start;
  return { start, count, weight: count > 0 ? elements / count : 0 };
}

/** Where the held entries of each tensor begin when they lie one tensor after the other, and how many these are. */
export function startsOf(tensors: readonly HeldTensor[]): { starts: Uint32Array; entries: number } {
  const starts = new Uint32Array(tensors.length);
  let all = 0;
  tensors.forEach(({ entries }, at) => {
    starts[at] = all;
    all += entries;
  });
  return { starts, entries: all };
}

/** Flat index in the tensor of a held entry. */
export function flatIndex({ blocks }: HeldTensor, entry: number): number {
  let before = 0;
  for (const { start, count } of blocks) {
    if (entry < before + count) return start + entry - before;
    before += count;
  }
  return before;
}

/** Calls `visit` for the chunks of a stretch, with the chosen models; `start` counts from the stretch's first entry. */
export function forEachChunk(
  tensor: HeldTensor,
  { start, count }: HeldStretch,
  members: readonly number[],
  visit: (chunk: RawChunk) => void,
): void {
  for (let at = 0; at < count; at += CHUNK_ELEMENTS) {
    const length = Math.min(CHUNK_ELEMENTS, count - at);
    const cut = (input: RawInput): RawInput => {
      // Thousands of small tensors are gone through as they are.
      if (length === tensor.entries) return input;
      const { dtype, bytes } = input;
      const size = bytes.length / tensor.entries;
      return { dtype, bytes: bytes.subarray((start + at) * size, (start + at + length) * size) };
    };
    visit({
      start: at,
      count: length,
      base: cut(tensor.base),
      models: members.map((model) => cut(tensor.models[model])),
      wide: tensor.wide,
    });
  }
}

/** |τ| of one model over what is held of a tensor, as float32; 0 where an input is not finite. */
export function magnitudes(tensor: HeldTensor, model: number, base: Values, values: Values): void {
  const { entries } = tensor;
  decode(tensor.base.dtype, tensor.base.bytes, base, entries);
  decode(tensor.models[model].dtype, tensor.models[model].bytes, values, entries);
  for (let i = 0; i < entries; i++) {
    const magnitude = Math.abs(values[i] - base[i]);
    values[i] = magnitude < Infinity ? magnitude : 0;
  }
}
