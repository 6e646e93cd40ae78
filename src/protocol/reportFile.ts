/**
 * What a self-contained HTML report holds beside the inspector's code: an index, and for each tensor its pictures at
 * one resolution, each a gzip in base64 in a script element that no browser runs.
 */
import type { ShownInspection } from "./engineApi";
import type { ListedTensor } from "./tensorTable";
import type { ParameterBlock } from "./tiles";

/** Element that holds the index; a picture's element is this, `-` and the index of its tensor in the inspection. */
export const REPORT_ELEMENT = "ties-report";
/** Element that holds the statistics, an `InterferenceReport`. */
export const STATISTICS_ELEMENT = `${REPORT_ELEMENT}-statistics`;
/** Of these elements. */
export const REPORT_DATA_TYPE = "application/gzip";

/** What the reader is told of the report's pictures. */
export interface ReportNotes {
  /** Of the program that wrote it. */
  version: string;
  /** When that was, as ISO 8601. */
  written: string;
  /** The pictures were chosen so that the file stays below. */
  limitBytes: number;
  /** Longest edge, in pixels, of the pictures that nearly all tensors have, and of the finer ones. */
  edge: number;
  finerEdge: number;
  /** Tensors in all, with pictures, with finer ones, with a block of single parameters. */
  tensors: number;
  pictures: number;
  finer: number;
  parameters: number;
}

/** The pictures of one tensor: all its tiles of one level as one, and a block of single parameters. */
export interface StoredPictures {
  /** A pixel covers 2^level × 2^level parameters, or 2^level rows × 2^columnLevel columns. */
  level: number;
  columnLevel?: number;
  width: number;
  height: number;
  /** The block of single parameters; null where there is none. */
  block: { row: number; column: number; rows: number; columns: number } | null;
  /** What holds for the tensor, beside the block's arrays; once the block is read. */
  settings?: Pick<ParameterBlock, "lambda" | "normalize" | "outDtype">;
}

/** What the panel knows of the report that it is part of. */
export interface ReportPage extends ReportNotes {
  /** By tensor of the inspection; null where there are no pictures. */
  stored: readonly (StoredPictures | null)[];
}

export interface ReportIndex {
  language: string;
  strings: Record<string, string>;
  notes: ReportNotes;
  inspection: Omit<ShownInspection, "tensors"> & { tensors: ListedTensor[] };
  /** By tensor of the inspection; null where there are none. */
  pictures: (StoredPictures | null)[];
}

export interface PictureLayout {
  /** First byte of each array; the arrays are those of `Tile` and `ParameterBlock`, in little-endian order. */
  merged: number;
  base: number;
  taskVectors: number;
  thresholds: number;
  ceilings: number;
  divisors: number;
  weights: number;
  densities: number;
  blockMerged: number;
  result: number;
  kept: number;
  lost: number;
  elected: number;
  blockKept: number;
  blockLost: number;
  blockElected: number;
  size: number;
}

/** Where the arrays of a tensor's pictures stand in its data; the widest entries first, so that all are aligned. */
export function pictureLayout({ width, height, block }: StoredPictures, models: number): PictureLayout {
  const pixels = width * height;
  const cells = block ? block.rows * block.columns : 0;
  let at = 0;
  const take = (bytes: number): number => {
    const begin = at;
    at += bytes;
    return begin;
  };
  return {
    base: take(8 * cells),
    taskVectors: take(8 * models * cells),
    thresholds: take(block ? 8 * models : 0),
    ceilings: take(block ? 8 * models : 0),
    divisors: take(8 * models * cells),
    weights: take(block ? 8 * models : 0),
    densities: take(block ? 8 * models : 0),
    blockMerged: take(8 * cells),
    result: take(8 * cells),
    merged: take(4 * pixels),
    kept: take(2 * 2 * models * pixels),
    lost: take(2 * models * pixels),
    elected: take(2 * 3 * pixels),
    blockKept: take(models * cells),
    blockLost: take(models * cells),
    blockElected: take(cells),
    get size() {
      return at;
    },
  };
}
