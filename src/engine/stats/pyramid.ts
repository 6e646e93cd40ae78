/**
 * Counts of a whole tensor at a few levels, from which every coarser tile is summed exactly. A pixel of level L covers
 * 2^L × 2^L entries; planes of counts are those of octets.ts. Buffers are shared: workers fill regions, each its own.
 */
import {
  columnLevelOf,
  FULL_SHARE,
  TILE_SIZE,
  type MatrixShape,
  type Shares,
  type Tile,
  type TileRequest,
} from "../../protocol/tiles";
import { electedPlane, lostPlane, OCTET, planeCount, planeRange } from "./octets";

/** An octet is one pixel wide here: finer tiles are drawn from the entries themselves. */
export const FINEST_LEVEL = Math.log2(OCTET);
/** Levels from one stored level to the next: a tile sums at most 16 pixels of the level below it into one. */
const STEP = 2;
/** Stored levels; coarser tiles are summed from the last one, which is small. */
const STORED = 3;
/** A matrix so much longer than wide has one level more, coarse along its longer edge, for tiles that fill a picture. */
const LONG = 8;

/** A pixel covers 2^level rows × 2^columnLevel columns. */
interface Levels {
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
}

/** A rectangle of entries. */
export interface Region {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** Regions whose edges are multiples of this are independent of each other. */
export const regionGrain = (finest: number): number => 2 ** (finest + STEP * (STORED - 1));

/** Of a full pixel. */
const bytesOfCount = ({ level, columnLevel }: Levels): 1 | 2 | 4 => {
  const bits = level + columnLevel;
  return bits < 8 ? 1 : bits < 16 ? 2 : 4;
};
const pixels = (entries: number, level: number): number => Math.ceil(entries / 2 ** level);

function storedLevels({ rows, columns }: MatrixShape, finest: number): Levels[] {
  const levels = Array.from({ length: STORED }, (_, at) => finest + STEP * at);
  const squares = levels.map((level) => ({ level, columnLevel: level }));
  const coarsest = levels[STORED - 1];
  if (rows >= LONG * columns) return [...squares, { level: coarsest, columnLevel: finest }];
  return columns >= LONG * rows ? [...squares, { level: finest, columnLevel: coarsest }] : squares;
}

/** Of levels that are fine enough for a pixel, that of which it covers the fewest pixels. */
function coarsestWithin(levels: readonly PyramidLevel[], { level, columnLevel }: Levels): PyramidLevel {
  const fine = levels.filter((stored) => stored.level <= level && stored.columnLevel <= columnLevel);
  return fine.reduce(
    (best, next) => (next.level + next.columnLevel > best.level + best.columnLevel ? next : best),
    levels[0],
  );
}

export function pyramidBytes(matrix: MatrixShape, models: number, finest: number): number {
  return storedLevels(matrix, finest).reduce((sum, levels) => {
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
  const levels = storedLevels(matrix, finest).map((stored): PyramidLevel => {
    const rows = pixels(matrix.rows, stored.level);
    const columns = pixels(matrix.columns, stored.columnLevel);
    const size = rows * columns;
    const counts = allocateCounts(size * planeCount(models), bytesOfCount(stored));
    return { ...stored, rows, columns, counts, sums: new Float32Array(new SharedArrayBuffer(4 * size)) };
  });
  return { matrix, models, levels };
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
interface Line {
  row: number;
  left: number;
  down: number;
  across: number;
}

/** Σ over the finer pixels under each pixel of a line, into `sums`: as many as it is long. */
function sumBlocks(
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

/** What says which part of a matrix a tile shows. */
type Place = Omit<TileRequest, "tensor">;

/** Entries of the matrix that a tile covers, and its size in pixels. */
export function tileExtent(
  { rows, columns }: MatrixShape,
  request: Place,
): { region: Region; width: number; height: number } {
  const [down, across] = [request.level, columnLevelOf(request)];
  const row = request.row * TILE_SIZE * 2 ** down;
  const column = request.column * TILE_SIZE * 2 ** across;
  const region = {
    row,
    column,
    rows: Math.max(0, Math.min(rows - row, TILE_SIZE * 2 ** down)),
    columns: Math.max(0, Math.min(columns - column, TILE_SIZE * 2 ** across)),
  };
  return { region, width: pixels(region.columns, across), height: pixels(region.rows, down) };
}

/** How many entries each pixel of a tile covers: fewer at the matrix's edge and in a last row that is not full. */
export function tileAreas(matrix: MatrixShape, request: Place): Float64Array {
  const { region, width, height } = tileExtent(matrix, request);
  const [high, wide] = [2 ** request.level, 2 ** columnLevelOf(request)];
  const areas = new Float64Array(width * height);
  const missing = matrix.rows * matrix.columns - matrix.elements;
  for (let y = 0; y < height; y++) {
    const top = region.row + y * high;
    const tall = Math.min(high, matrix.rows - top);
    for (let x = 0; x < width; x++) {
      const left = region.column + x * wide;
      const right = Math.min(left + wide, matrix.columns);
      const empty = top + tall === matrix.rows ? Math.max(0, right - Math.max(left, matrix.columns - missing)) : 0;
      areas[y * width + x] = tall * (right - left) - empty;
    }
  }
  return areas;
}

/** A tile of a level that the pyramid covers, from the coarsest stored level that is fine enough. */
export function tileOfPyramid({ matrix, models, levels }: Pyramid, request: TileRequest): Tile {
  const { width, height } = tileExtent(matrix, request);
  const columnLevel = columnLevelOf(request);
  const source = coarsestWithin(levels, { level: request.level, columnLevel });
  const [top, left] = [request.row * TILE_SIZE, request.column * TILE_SIZE];
  const size = width * height;
  const fit = 2 ** (request.level + columnLevel) < 2 ** 32;
  const counts = fit ? new Uint32Array(planeCount(models) * size) : new Float64Array(planeCount(models) * size);
  const sums = new Float64Array(size);
  const [first, end] = planeRange(models, request.planes);
  for (let y = 0; y < height; y++) {
    const [down, across] = [request.level - source.level, columnLevel - source.columnLevel];
    const line = { row: top + y, left, down, across };
    for (let plane = first; plane < end; plane++) {
      const place = plane * size + y * width;
      const start = plane * source.rows * source.columns;
      sumBlocks(source, source.counts, start, line, counts.subarray(place, place + width));
    }
    if (request.planes !== "models") sumBlocks(source, source.sums, 0, line, sums.subarray(y * width, (y + 1) * width));
  }
  return tileOfCounts(request, models, width, height, { counts, sums, rowLength: width }, tileAreas(matrix, request));
}

/** What the pixels of a tile cover, counted; a row may be longer than that of the tile. */
export interface PixelCounts {
  rowLength: number;
  /** [plane][height][rowLength] */
  counts: Uint8Array | Uint32Array | Float64Array;
  /** [height][rowLength]: Σ τ_m. */
  sums: Float64Array;
}

/** @param areas [height][width] */
export function tileOfCounts(
  request: TileRequest,
  models: number,
  width: number,
  height: number,
  pixels: PixelCounts,
  areas: Float64Array,
): Tile {
  const { tensor, level, columnLevel, row, column } = request;
  const [first, last] = planeRange(models, request.planes);
  const full = 2 ** (level + columnLevelOf(request));
  const isWhole = areas.every((area) => area === full);
  const areCounts = request.counts === true && isWhole && full <= MOST_COUNTED;
  const planes = (from: number, to: number): Shares => {
    const wanted = [Math.max(from, first), Math.min(to, last)] as const;
    if (areCounts) return counted(pixels, ...wanted, width, areas.length);
    return shares(pixels, ...wanted, isWhole ? sharesOfWhole(full) : null, width, areas);
  };
  return {
    tensor,
    level,
    ...(columnLevel === undefined ? {} : { columnLevel }),
    row,
    column,
    ...(request.planes && { planes: request.planes }),
    ...(areCounts && { full }),
    width,
    height,
    models,
    kept: planes(0, lostPlane(models, 0)),
    lost: planes(lostPlane(models, 0), electedPlane(models)),
    elected: planes(electedPlane(models), planeCount(models)),
    merged: request.planes === "models" ? new Float32Array(0) : means(pixels, width, areas),
  };
}

/** The largest block whose entries a byte counts, and with it the shares of a table of colours. */
const MOST_COUNTED = 64;

function means({ sums, rowLength }: PixelCounts, width: number, areas: Float64Array): Float32Array {
  const result = new Float32Array(areas.length);
  for (let from = 0, to = 0; to < result.length; from += rowLength) {
    for (let x = 0; x < width; x++, to++) result[to] = areas[to] > 0 ? sums[from + x] / areas[to] : 0;
  }
  return result;
}

/** Counts of planes as they are, [plane][height][width]. */
function counted(
  { counts, rowLength }: PixelCounts,
  begin: number,
  end: number,
  width: number,
  size: number,
): Uint8Array {
  const result = new Uint8Array(Math.max(0, end - begin) * size);
  let from = begin * (size / width) * rowLength;
  for (let to = 0; to < result.length; from += rowLength, to += width) {
    result.set(counts.subarray(from, from + width), to);
  }
  return result;
}

/** Counts of planes over their block as shares, [plane][height][width]. @param table of a pixel's share by its count. */
function shares(
  { counts, rowLength }: PixelCounts,
  begin: number,
  end: number,
  table: Uint16Array | null,
  width: number,
  areas: Float64Array,
): Uint16Array {
  const size = areas.length;
  const result = new Uint16Array(Math.max(0, end - begin) * size);
  let from = begin * (size / width) * rowLength;
  for (let to = 0; to < result.length; from += rowLength) {
    const last = from + width;
    if (table) for (let at = from; at < last; at++, to++) result[to] = table[counts[at]];
    else for (let at = from; at < last; at++, to++) result[to] = shareOf(counts[at], areas[to % size]);
  }
  return result;
}

/** What is not nothing is at least 1. */
const shareOf = (count: number, area: number): number =>
  count > 0 ? Math.max(1, Math.round((FULL_SHARE * count) / area)) : 0;

/** Pixels of larger blocks are few beside the counts that they may have. */
const LARGEST_TABLE = 4096;
const tables = new Map<number, Uint16Array>();

/** Shares of a pixel that covers a whole block, by its count; null where they are not at hand. */
function sharesOfWhole(area: number): Uint16Array | null {
  if (area > LARGEST_TABLE) return null;
  let table = tables.get(area);
  if (!table) {
    table = Uint16Array.from({ length: area + 1 }, (_, count) => shareOf(count, area));
    tables.set(area, table);
  }
  return table;
}
