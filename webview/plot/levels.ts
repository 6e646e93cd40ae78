/** Which tiles a picture needs. A pixel of levels L and C covers 2^L rows × 2^C columns, C = L where cells are squares. */
import type { MatrixShape, TileRequest } from "../../src/protocol/tiles";
import { columnLevelOf, MAX_TILE_LEVEL, TILE_SIZE } from "../../src/protocol/tiles";
import type { Projection, Scales, Size } from "./viewport";
import { visibleRange } from "./viewport";

/** The finest level whose pixels are still at least one device pixel wide: nothing that is drawn is left out. */
export function chooseLevel(devicePixelsPerParameter: number): number {
  if (!(devicePixelsPerParameter > 0)) return MAX_TILE_LEVEL;
  // The tolerance keeps an exact power of two from being rounded up to the next level.
  const level = Math.ceil(-Math.log2(devicePixelsPerParameter) - 1e-9);
  return Math.min(Math.max(level, 0), MAX_TILE_LEVEL);
}

/** Of the rows and of the columns. */
export interface Levels {
  down: number;
  across: number;
}

/** Tiles below this level are drawn from the entries themselves … */
const READ_LEVEL = 3;
/** … of which so many are read while one waits. */
const MOST_READ = 2 ** 21;

/** The levels of the tiles of a picture. `ratio`: device pixels per CSS pixel. */
export function levelsFor({ across, down }: Scales, ratio: number, matrix: MatrixShape): Levels {
  const coarsest = topLevel(matrix);
  const levels = {
    down: Math.min(chooseLevel(down * ratio), coarsest),
    across: Math.min(chooseLevel(across * ratio), coarsest),
  };
  if (levels.down === levels.across) return levels;
  const read = Math.min(matrix.rows, tileSpan(levels.down)) * Math.min(matrix.columns, tileSpan(levels.across));
  if (read <= MOST_READ) return levels;
  const finest = Math.min(READ_LEVEL, coarsest);
  return { down: Math.max(levels.down, finest), across: Math.max(levels.across, finest) };
}

/** The level at which the whole matrix is one tile. */
export function topLevel(matrix: MatrixShape): number {
  const tiles = Math.max(matrix.rows, matrix.columns) / TILE_SIZE;
  return Math.min(Math.max(0, Math.ceil(Math.log2(Math.max(1, tiles)))), MAX_TILE_LEVEL);
}

/** Parameters along the edge of a tile of this level. */
export const tileSpan = (level: number): number => TILE_SIZE * 2 ** level;

/** Where a tile is, whatever of it is asked for. */
export const placeKey = ({ tensor, level, columnLevel, row, column }: TileRequest): string =>
  `${columnLevel === undefined ? level : `${level}|${columnLevel}`}/${row}/${column}/${tensor}`;

export const tileKey = (request: TileRequest): string => `${request.planes ?? ""}/${placeKey(request)}`;

/** As one is asked for: the level of the columns is named where it is another. */
function tileAt(tensor: string, { down, across }: Levels, row: number, column: number): TileRequest {
  return { tensor, level: down, ...(across === down ? {} : { columnLevel: across }), row, column };
}

/** The tiles that a picture shows, from its middle outwards. */
export function visibleTiles(
  tensor: string,
  projection: Projection,
  matrix: MatrixShape,
  size: Size,
  levels: Levels,
): TileRequest[] {
  const { rowStart, rowEnd, columnStart, columnEnd } = visibleRange(projection, matrix, size);
  if (rowEnd <= rowStart || columnEnd <= columnStart) return [];
  const [high, wide] = [tileSpan(levels.down), tileSpan(levels.across)];
  const tiles: TileRequest[] = [];
  for (let row = Math.floor(rowStart / high); row * high < rowEnd; row++) {
    for (let column = Math.floor(columnStart / wide); column * wide < columnEnd; column++) {
      tiles.push(tileAt(tensor, levels, row, column));
    }
  }
  const middleRow = (rowStart + rowEnd) / 2 / high - 0.5;
  const middleColumn = (columnStart + columnEnd) / 2 / wide - 0.5;
  const distance = (tile: TileRequest): number => Math.hypot(tile.row - middleRow, tile.column - middleColumn);
  return tiles.sort((a, b) => distance(a) - distance(b));
}

/** The coarser tile that covers `tile`, so many levels up. */
export function ancestor(tile: TileRequest, steps: number, columnSteps = steps): TileRequest {
  const levels = { down: tile.level + steps, across: columnLevelOf(tile) + columnSteps };
  return tileAt(tile.tensor, levels, Math.floor(tile.row / 2 ** steps), Math.floor(tile.column / 2 ** columnSteps));
}

/**
 * The tile and those that may stand in for it, the finest first. Of a matrix that fills its picture the two edges are
 * zoomed one after the other, and so are the tiles at hand coarser along one of them.
 */
export function* standIns(tile: TileRequest, coarsest: number, isStretched: boolean): Generator<TileRequest> {
  yield tile;
  const across = columnLevelOf(tile);
  const least = Math.min(tile.level, across);
  for (let step = 1; least + step <= coarsest; step++) {
    const [down, right] = [Math.min(step, coarsest - tile.level), Math.min(step, coarsest - across)];
    if (isStretched && down > 0) yield ancestor(tile, down, 0);
    if (isStretched && right > 0) yield ancestor(tile, 0, right);
    yield ancestor(tile, down, right);
  }
}
