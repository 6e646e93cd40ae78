import type { FloatDtype } from "../../protocol/mergeSet";

/** Entries of one tensor of one checkpoint as they are stored: little-endian, `count` of them. */
export interface RawInput {
  dtype: FloatDtype;
  bytes: Uint8Array;
}

/** The same `count` entries of the base and of every model. */
export interface RawChunk {
  count: number;
  /** Flat index of the first entry in its tensor. */
  start: number;
  base: RawInput | null;
  models: RawInput[];
  /** Arithmetic in float64: base and models are all F64. */
  wide: boolean;
}

/** Where NaN or ±Inf stands: in the base (model −1) or a model, at an index from the start of the chunk. */
export interface NonFinite {
  model: number;
  index: number;
}

/** NaN and ±Inf: refused, or the base's value is taken there. */
export type NonFinitePolicy = "error" | "keep-base";

/** Largest number of entries of one chunk. */
export const CHUNK_ELEMENTS = 1 << 16;
