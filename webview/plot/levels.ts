/** Which tiles a picture needs. A pixel of level L covers 2^L × 2^L parameters. */
import type { MatrixShape, TileRequest } from "../../src/protocol/tiles";
import { MAX_TILE_LEVEL, TILE_SIZE } from "../../src/protocol/tiles";
import type { Projection, Size } from "./viewport";
import { visibleRange } from "./viewport";

/** The finest level whose pixels are still at least one device pixel wide: nothing that is drawn is left out. */
export function chooseLevel(devicePixelsPerParameter: number): number {
  if (!(devicePixelsPerParameter > 0)) return MAX_TILE_LEVEL;
  // The tolerance keeps an exact power of two from being rounded up to the next level.
  const level = Math.ceil(-Math.log2(devicePixelsPerParameter) - 1e-9);
  return Math.min(Math.max(level, 0), MAX_TILE_LEVEL);
}

/** The level at which the whole matrix is one tile. */
export function topLevel(matrix: MatrixShape): number {
  const tiles = Math.max(matrix.rows, matrix.columns) / TILE_SIZE;
  return Math.min(Math.max(0, Math.ceil(Math.log2(Math.max(1, tiles)))), MAX_TILE_LEVEL);
}

/** Parameters along the edge of a tile of this level. */
export const tileSpan = (level: number): number => TILE_SIZE * 2 ** level;

/** Where a tile is, whatever of it is asked for. */
export const placeKey = ({ level, row, column, tensor }: TileRequest): string => `${level}/${row}/${column}/${tensor}`;

export const tileKey = (request: TileRequest): string => `${request.planes ?? ""}/${placeKey(request)}`;

/** The tiles that a picture shows, from its middle outwards. */
export function visibleTiles(
  tensor: string,
  projection: Projection,
  matrix: MatrixShape,
  size: Size,
  level: number,
): TileRequest[] {
  const { rowStart, rowEnd, columnStart, columnEnd } = visibleRange(projection, matrix, size);
  if (rowEnd <= rowStart || columnEnd <= columnStart) return [];
  const span = tileSpan(level);
  const tiles: TileRequest[] = [];
  for (let row = Math.floor(rowStart / span); row * span < rowEnd; row++) {
    for (let column = Math.floor(columnStart / span); column * span < columnEnd; column++) {
      tiles.push({ tensor, level, row, column });
    }
  }
  const middleRow = (rowStart + rowEnd) / 2 / span - 0.5;
  const middleColumn = (columnStart + columnEnd) / 2 / span - 0.5;
  const distance = (tile: TileRequest): number => Math.hypot(tile.row - middleRow, tile.column - middleColumn);
  return tiles.sort((a, b) => distance(a) - distance(b));
}

/** The coarser tile that covers `tile`, `steps` levels up. */
export function ancestor(tile: TileRequest, steps: number): TileRequest {
  const factor = 2 ** steps;
  return {
    tensor: tile.tensor,
    level: tile.level + steps,
    row: Math.floor(tile.row / factor),
    column: Math.floor(tile.column / factor),
  };
}
