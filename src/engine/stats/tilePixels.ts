/** From what the pixels of a tile cover, counted, to the tile: shares of their blocks, and means. */
import {
  columnLevelOf,
  FULL_SHARE,
  TILE_SIZE,
  type MatrixShape,
  type Shares,
  type Tile,
  type TileRequest,
} from "../../protocol/tiles";
import { electedPlane, lostPlane, planeCount, planeRange } from "./octets";
import { pixels as pixelsOf, type Region } from "./pyramid";

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
  return { region, width: pixelsOf(region.columns, across), height: pixelsOf(region.rows, down) };
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
