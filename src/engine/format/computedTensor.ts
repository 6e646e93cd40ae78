/** A tensor that is computed as it is read: what a file stores, or one number throughout, and a change to it. */
import type { FloatDtype } from "../../protocol/mergeSet";
import type { StridedView } from "./stridedSource";

/** Entries of a file, in row-major order. */
export interface StoredEntries {
  file: string;
  /** Position of the first one, in the file or in its view. */
  begin: number;
  view?: StridedView;
  dtype: FloatDtype;
}

/** A matrix of a file. */
export interface StoredMatrix extends StoredEntries {
  rows: number;
  columns: number;
}

export type TensorChange =
  /** + scale · left · right: left is [rows, r], right is [r, columns]. */
  | { kind: "low-rank"; scale: number; left: StoredMatrix; right: StoredMatrix }
  /** One factor a row. */
  | { kind: "scale-rows"; factors: StoredMatrix }
  /** One factor for every `run` columns that follow one another. */
  | { kind: "scale-columns"; factors: StoredMatrix; run: number }
  | { kind: "scale-all"; factor: number }
  /** The block in the place of what is there, its first entry at this row and column. */
  | { kind: "place"; block: StoredMatrix; row: number; column: number };

export interface ComputedTensor {
  /** What is changed; a number stands for a tensor that is the same everywhere and lies in no file. */
  from: StoredEntries | number;
  /** Entries of a row: the tensor is taken as a matrix, its first dimension by all the others. */
  columns: number;
  elements: number;
  change: TensorChange | null;
  /** The dtype in which it is read. */
  dtype: FloatDtype;
  /** The dtype of its checkpoint, in which a merge writes it. */
  stored: FloatDtype;
}

/** The matrices of files that a change is made of; the last is kept whole in memory while the tensor is read. */
export function matricesOf(change: TensorChange): StoredMatrix[] {
  switch (change.kind) {
    case "low-rank":
      return [change.left, change.right];
    case "scale-rows":
    case "scale-columns":
      return [change.factors];
    case "scale-all":
      return [];
    case "place":
      return [change.block];
  }
}
