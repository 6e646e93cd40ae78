/**
 * Counts of a whole tensor at a few levels, from which every coarser tile is summed exactly. A pixel of level L covers
 * 2^L × 2^L entries; planes of counts are those of octets.ts. Buffers are shared: workers fill regions, each its own.
 */
import type { MatrixShape } from "../../protocol/tiles";
import { OCTET, planeCount } from "./octets";

/** An octet is one pixel wide here: finer tiles are drawn from the entries themselves. */
export const FINEST_LEVEL = Math.log2(OCTET);
/** Levels from one stored level to the next: a tile sums at most 16 pixels of the level below it into one. */
const STEP = 2;
/** Stored levels; coarser tiles are summed from the last one, which is small. */
const STORED = 3;
/** A matrix so much longer than wide has levels more, coarse along its longer edge, for tiles that fill a picture. */
const LONG = 8;

/** A pixel covers 2^level rows × 2^columnLevel columns. */
export interface Levels {
  level: number;
  columnLevel: number;
}

export interface PyramidLevel extends Levels {
  /** In pixels. */
  rows: number;
  columns: number;
  /** [plane][rows][columns], as wide as the count of a full pixel needs. */
  counts: Uint8Array<SharedArrayBuffer> | Uint16Array<SharedArrayBuffer> | Uint32Array<SharedArrayBuffer>;
  /** [rows][columns]: Σ τ_m. */
  sums: Float32Array<SharedArrayBuffer>;
}

export interface Pyramid {
  matrix: MatrixShape;
  models: number;
  levels: PyramidLevel[];
  /** Of a long matrix, those whose pixels are longer than a region: they follow when all of a pixel is counted. */
  derived: PyramidLevel[];
}

/** A rectangle of entries. */
export interface Region {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

const coarsestOf = (finest: number): number => finest + STEP * (STORED - 1);
/** Regions whose edges are multiples of this are independent of each other. */
export const regionGrain = (finest: number): number => 2 ** coarsestOf(finest);
/** The length along the longer edge that a pixel of a derived level covers. */
export const derivedGrain = (finest: number): number => 2 ** (coarsestOf(finest) + STEP);
export const isTall = ({ rows, columns }: MatrixShape): boolean => rows >= LONG * columns;
export const isWide = ({ rows, columns }: MatrixShape): boolean => columns >= LONG * rows;

/** Of a full pixel. */
const bytesOfCount = ({ level, columnLevel }: Levels): 1 | 2 | 4 => {
  const bits = level + columnLevel;
  return bits < 8 ? 1 : bits < 16 ? 2 : 4;
};
export const pixels = (entries: number, level: number): number => Math.ceil(entries / 2 ** level);

function levelsOf(matrix: MatrixShape, finest: number): Record<"stored" | "derived", Levels[]> {
  const squares = Array.from({ length: STORED }, (_, at) => finest + STEP * at).map((level) => along(level, level));
  const [tall, wide] = [isTall(matrix), isWide(matrix)];
  if (!tall && !wide) return { stored: squares, derived: [] };
  const long = (level: number): Levels[] =>
    [finest, finest + STEP].map((other) => (tall ? along(level, other) : along(other, level)));
  const coarsest = coarsestOf(finest);
  return { stored: [...squares, ...long(coarsest)], derived: long(coarsest + STEP) };
}

const along = (level: number, columnLevel: number): Levels => ({ level, columnLevel });

/** Of levels that are fine enough for a pixel, that of which it covers the fewest pixels. */
export function coarsestWithin(levels: readonly PyramidLevel[], { level, columnLevel }: Levels): PyramidLevel {
  const fine = levels.filter((stored) => stored.level <= level && stored.columnLevel <= columnLevel);
  return fine.reduce(
    (best, next) => (next.level + next.columnLevel > best.level + best.columnLevel ? next : best),
    levels[0],
  );
}

export function pyramidBytes(matrix: MatrixShape, models: number, finest: number): number {
  const { stored, derived } = levelsOf(matrix, finest);
  return [...stored, ...derived].reduce((sum, levels) => {
    const size = pixels(matrix.rows, levels.level) * pixels(matrix.columns, levels.columnLevel);
    return sum + size * (planeCount(models) * bytesOfCount(levels) + 4);
  }, 0);
}

/** The finest level from FINEST_LEVEL on whose pyramid takes no more than so many bytes. */
export function finestLevelWithin(bytes: number, matrix: MatrixShape, models: number): number {
  let finest = FINEST_LEVEL;
  while (pyramidBytes(matrix, models, finest) > bytes && 2 ** finest < Math.max(matrix.rows, matrix.columns)) finest++;
  return finest;
}

export function createPyramid(matrix: MatrixShape, models: number, finest: number): Pyramid {
  const create = (levels: Levels): PyramidLevel => {
    const rows = pixels(matrix.rows, levels.level);
    const columns = pixels(matrix.columns, levels.columnLevel);
    const size = rows * columns;
    const counts = allocateCounts(size * planeCount(models), bytesOfCount(levels));
    return { ...levels, rows, columns, counts, sums: new Float32Array(new SharedArrayBuffer(4 * size)) };
  };
  const { stored, derived } = levelsOf(matrix, finest);
  return { matrix, models, levels: stored.map(create), derived: derived.map(create) };
}

function allocateCounts(length: number, bytes: 1 | 2 | 4): PyramidLevel["counts"] {
  const buffer = new SharedArrayBuffer(length * bytes);
  if (bytes === 1) return new Uint8Array(buffer);
  return bytes === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
}

/** Fills the coarser levels in a region whose finest level is filled. */
export function coarsen({ levels, models }: Pyramid, region: Region): void {
  for (let at = 1; at < levels.length; at++) {
    sumPixels(coarsestWithin(levels.slice(0, at), levels[at]), levels[at], planeCount(models), region);
  }
}

/** Fills the derived levels in a region in which all others are filled; its edges are multiples of `derivedGrain`. */
export function derive({ levels, derived, models }: Pyramid, region: Region): void {
  derived.forEach((level, at) => {
    sumPixels(coarsestWithin([...levels, ...derived.slice(0, at)], level), level, planeCount(models), region);
  });
}

function sumPixels(from: PyramidLevel, to: PyramidLevel, planes: number, region: Region): void {
  const [high, wide] = [2 ** to.level, 2 ** to.columnLevel];
  const area = {
    top: region.row / high,
    left: region.column / wide,
    bottom: Math.min(to.rows, Math.ceil((region.row + region.rows) / high)),
    right: Math.min(to.columns, Math.ceil((region.column + region.columns) / wide)),
  };
  const width = area.right - area.left;
  const sums = new Float64Array(width);
  for (let row = area.top; row < area.bottom; row++) {
    const [down, across] = [to.level - from.level, to.columnLevel - from.columnLevel];
    const line = { row, left: area.left, down, across };
    for (let plane = 0; plane < planes; plane++) {
      sumBlocks(from, from.counts, plane * from.rows * from.columns, line, sums);
      to.counts.set(sums, (plane * to.rows + row) * to.columns + area.left);
    }
    sumBlocks(from, from.sums, 0, line, sums);
    to.sums.set(sums, row * to.columns + area.left);
  }
}

/** A stretch of one row of pixels, each of 2^down rows and 2^across columns of those that are summed. */
export interface Line {
  row: number;
  left: number;
  down: number;
  across: number;
}

/** Σ over the finer pixels under each pixel of a line, into `sums`: as many as it is long. */
export function sumBlocks(
  { rows, columns }: PyramidLevel,
  values: PyramidLevel["counts"] | PyramidLevel["sums"],
  plane: number,
  { row, left, down, across }: Line,
  sums: Float64Array | Uint32Array,
): void {
  if (down === 0 && across === 0) {
    const start = plane + row * columns + left;
    sums.set(values.subarray(start, start + sums.length));
    return;
  }
  sums.fill(0);
  const bottom = Math.min(rows, (row + 1) << down);
  if (across === 0) {
    const length = Math.min(columns - left, sums.length);
    for (let y = row << down; y < bottom; y++) {
      const start = plane + y * columns + left;
      for (let x = 0; x < length; x++) sums[x] += values[start + x];
    }
    return;
  }
  const block = 1 << across;
  const right = Math.min(columns, (left + sums.length) << across);
  for (let y = row << down; y < bottom; y++) {
    const start = plane + y * columns;
    for (let pixel = 0, x = left << across; x < right; pixel++) {
      let sum = 0;
      for (const end = Math.min(right, x + block); x < end; x++) sum += values[start + x];
      sums[pixel] += sum;
    }
  }
}
