/** Draws the tiles of one picture; where one has not arrived, the part of a coarser one that covers it. */
import type { Tile, TileRequest } from "../../src/protocol/tiles";
import { columnLevelOf, TILE_SIZE } from "../../src/protocol/tiles";
import { standIns, tileSpan } from "./levels";
import type { Projection } from "./viewport";

export interface TilePainter {
  /** The tile's pixels in the picture's colours; null while they are not at hand. */
  paint(request: TileRequest): { tile: Tile; image: CanvasImageSource } | null;
  /** The same of what is known of a tile that is being counted; the rest is transparent. */
  paintPartial(request: TileRequest): { tile: Tile; image: CanvasImageSource } | null;
  /** Marks a rectangle of which nothing is known, or only a part: what is known is drawn over it. */
  markUnknown(left: number, top: number, right: number, bottom: number): void;
}

/**
 * `projection` is in device pixels; `context` is clipped to the matrix. Whether there was something for every tile.
 * @param coarsest level of the tiles at hand, and whether some are coarser along one edge only.
 */
export function drawTiles(
  context: CanvasRenderingContext2D,
  projection: Projection,
  tiles: readonly TileRequest[],
  { coarsest, isStretched }: { coarsest: number; isStretched: boolean },
  painter: TilePainter,
): boolean {
  const nearest = (request: TileRequest, paint: (candidate: TileRequest) => Painted): Painted => {
    for (const candidate of standIns(request, coarsest, isStretched)) {
      const painted = paint(candidate);
      if (painted) return painted;
    }
    return null;
  };
  let covered = true;
  context.imageSmoothingEnabled = false;
  for (const request of tiles) {
    const found = nearest(request, (candidate) => painter.paint(candidate));
    // A coarser picture that is whole beats a finer one with holes.
    const shown = found ?? nearest(request, (candidate) => painter.paintPartial(candidate));
    if (!found) {
      const wide = tileSpan(columnLevelOf(request)) * projection.across;
      const high = tileSpan(request.level) * projection.down;
      const [left, top] = [projection.left + request.column * wide, projection.top + request.row * high];
      painter.markUnknown(Math.round(left), Math.round(top), Math.round(left + wide), Math.round(top + high));
    }
    if (shown) drawTile(context, projection, request, shown.tile, shown.image);
    else covered = false;
  }
  return covered;
}

type Painted = ReturnType<TilePainter["paint"]>;

/** Edges are rounded from the same product in both neighbours, so that there is neither gap nor overlap. */
function drawTile(
  context: CanvasRenderingContext2D,
  { across, down, left, top }: Projection,
  request: TileRequest,
  source: Tile,
  image: CanvasImageSource,
): void {
  const columns = edgeOf(request.column, columnLevelOf(request), source.column, columnLevelOf(source), source.width);
  const rows = edgeOf(request.row, request.level, source.row, source.level, source.height);
  if (columns.length <= 0 || rows.length <= 0) return;
  const x = Math.round(left + columns.begin * across);
  const y = Math.round(top + rows.begin * down);
  const right = Math.round(left + columns.end * across);
  const bottom = Math.round(top + rows.end * down);
  context.drawImage(image, columns.from, rows.from, columns.length, rows.length, x, y, right - x, bottom - y);
}

/** Along one edge: the part of the source, in its own pixels, that lies under the requested tile; and its parameters. */
function edgeOf(
  place: number,
  level: number,
  sourcePlace: number,
  sourceLevel: number,
  pixels: number,
): { from: number; length: number; begin: number; end: number } {
  const part = TILE_SIZE * 2 ** (level - sourceLevel);
  const from = place * part - sourcePlace * TILE_SIZE;
  const length = Math.min(part, pixels - from);
  const begin = place * tileSpan(level);
  return { from, length, begin, end: begin + length * 2 ** sourceLevel };
}
