/** Pictures of one tensor: tiles at any zoom, and blocks of single parameters. Weights stay with the engine. */

/** Edge of a tile, in pixels. */
export const TILE_SIZE = 128;
/** Longest edge of a block of single parameters. */
export const MAX_PARAMETER_BLOCK = 64;
/** Deepest zoom-out: a pixel of level L covers 2^L × 2^L parameters. */
export const MAX_TILE_LEVEL = 20;

/** A tensor of any rank as the matrix that is drawn. Entry (r, c) has the flat index r·columns + c. */
export interface MatrixShape {
  rows: number;
  columns: number;
  /** Below rows·columns where a vector is wrapped and its last row is not full. */
  elements: number;
}

/**
 * How a tensor is drawn: rank ≥ 2 as [out, product of the rest]; rank 1 wrapped into a near-square
 * whose width is a power of two; rank 0 as one cell.
 */
export function matrixShape(shape: readonly number[]): MatrixShape {
  const elements = shape.reduce((product, size) => product * size, 1);
  const [first = 1, ...rest] = shape;
  if (shape.length >= 2) return { rows: first, columns: rest.reduce((product, size) => product * size, 1), elements };
  if (elements <= 1) return { rows: elements, columns: 1, elements };
  const columns = Math.min(elements, 2 ** Math.ceil(Math.log2(Math.sqrt(elements))));
  return { rows: Math.ceil(elements / columns), columns, elements };
}

/** Planes of a tile: what each model keeps and loses, or what the models come to (`elected`, `merged`). */
export type TilePlanes = "models" | "merge";

export interface TileRequest {
  tensor: string;
  /** A pixel covers 2^level × 2^level parameters … */
  level: number;
  /** … or 2^level rows and 2^columnLevel columns, where a matrix much longer than wide fills its picture. */
  columnLevel?: number;
  /** Tile position, in tiles of TILE_SIZE pixels of these levels. */
  row: number;
  column: number;
  /** Only these are wanted, the others may be empty: a tile of all is several times as large. */
  planes?: TilePlanes;
  /** Shares may come as counts, in a byte each, where every pixel covers as many parameters. */
  counts?: boolean;
}

/** The level along the columns: that of the rows where none is given. */
export const columnLevelOf = ({ level, columnLevel = level }: Pick<TileRequest, "level" | "columnLevel">): number =>
  columnLevel;

/** A share for each pixel, 0 to that of 1. */
export type Shares = Uint16Array | Uint8Array;

/** With a request for pictures. */
export interface PictureTerms {
  /**
   * Until the exact ones are known, thresholds and the sign of what cancels may be those of the sample: `estimated`
   * says so of what comes back.
   */
  mayEstimate?: boolean;
}

/** A share of 1 in a tile. */
export const FULL_SHARE = 65_535;

/**
 * One tile. A share is that of the block under the pixel (never a subsample), 0 to `full`; what is not
 * nothing is at least 1. Planes are row-major [height][width].
 */
export interface Tile extends TileRequest {
  width: number;
  height: number;
  models: number;
  /** A share of 1; FULL_SHARE where it is not said. */
  full?: number;
  /** [model][0: kept +, 1: kept −][height][width] */
  kept: Shares;
  /** [model][height][width]: kept entries that lost the election. */
  lost: Shares;
  /** [0: γ +, 1: γ −, 2: conflict among kept][height][width]; γ only where somebody keeps the entry. */
  elected: Shares;
  /** [height][width]: mean of τ_m over the block. */
  merged: Float32Array;
  /** Thresholds, or the sign of what cancels, are those of a sample. */
  estimated?: boolean;
}

/** What a tile waits for: the thresholds, the model's majority sign (`zero_sign: majority`), the tensor's own counts. */
export interface TileProgress {
  phase: "trim" | "statistics" | "pictures";
  done: number;
  total: number;
  /** What of the tile is known so far: the rows of pixels whose `known` is 1. The others are not to be drawn. */
  partial: { tile: Tile; known: Uint8Array } | null;
}

export interface ParameterRequest {
  tensor: string;
  row: number;
  column: number;
  /** At most MAX_PARAMETER_BLOCK each. */
  rows: number;
  columns: number;
}

/** Every step of the merge for a block of single parameters; arrays are row-major [rows][columns]. */
export interface ParameterBlock extends ParameterRequest {
  /** As in a tile. */
  estimated?: boolean;
  models: number;
  /** θ₀ */
  base: Float64Array;
  /** [model][rows][columns]: τ_t, whether trimming kept it, and whether it was kept and lost the election (0 or 1). */
  taskVectors: Float64Array;
  kept: Uint8Array;
  lost: Uint8Array;
  /** Threshold of each model for this tensor; Infinity where nothing is kept. */
  thresholds: Float64Array;
  /** Magnitude from which on a model's entries are dropped as outliers; Infinity where none are. */
  ceilings: Float64Array;
  /** [models, rows, columns]: what a kept entry is divided by: 1, or the probability with which it was drawn. */
  divisors: Float64Array;
  /** γ: 1, −1, or 0 where nobody keeps the entry. */
  elected: Int8Array;
  /** τ_m, and θ after rounding to the output dtype. */
  merged: Float64Array;
  result: Float64Array;
  /** What holds for this tensor, where gradients or filters set it: weights and densities by model, λ, `normalize`. */
  weights: Float64Array;
  densities: Float64Array;
  lambda: number;
  normalize: boolean;
  /** Dtype of θ. */
  outDtype: string;
}

/** How large the entries of a tensor's task vectors are: exact counts, by bucket of magnitude. */
export interface MagnitudeCounts {
  tensor: string;
  elements: number;
  /** By model. Only buckets that hold something, from small to large; a bucket ends where the next may begin. */
  models: { lowest: Float64Array; highest: Float64Array; counts: Float64Array }[];
}
