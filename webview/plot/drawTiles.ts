/** Draws the tiles of one picture; where one has not arrived, the part of a coarser one that covers it. */
import type { Tile, TileRequest } from "../../src/protocol/tiles";
import { TILE_SIZE } from "../../src/protocol/tiles";
import { ancestor } from "./levels";
import type { Projection } from "./viewport";

export interface TilePainter {
  /** Whether the tile is at hand. */
  has(request: TileRequest): Tile | undefined;
  /** Its pixels, in the picture's colours. */
  paint(tile: Tile): CanvasImageSource;
}

/** `projection` is in device pixels; `context` is clipped to the matrix. */
export function drawTiles(
  context: CanvasRenderingContext2D,
  projection: Projection,
  tiles: readonly TileRequest[],
  topLevel: number,
  painter: TilePainter,
): void {
  context.imageSmoothingEnabled = false;
  for (const request of tiles) {
    const found = nearest(request, topLevel, painter);
    if (found) drawTile(context, projection, request, found, painter.paint(found));
  }
}

function nearest(request: TileRequest, topLevel: number, painter: TilePainter): Tile | undefined {
  for (let steps = 0; request.level + steps <= Math.max(topLevel, request.level); steps++) {
    const tile = painter.has(ancestor(request, steps));
    if (tile) return tile;
  }
  return undefined;
}

/** Edges are rounded from the same product in both neighbours, so that there is neither gap nor overlap. */
function drawTile(
  context: CanvasRenderingContext2D,
  { scale, left, top }: Projection,
  request: TileRequest,
  source: Tile,
  image: CanvasImageSource,
): void {
  const factor = 2 ** (source.level - request.level);
  const pixel = 2 ** request.level * scale;
  // The part of the source, in its own pixels, that lies under the requested tile.
  const part = TILE_SIZE / factor;
  const sourceX = request.column * part - source.column * TILE_SIZE;
  const sourceY = request.row * part - source.row * TILE_SIZE;
  const width = Math.min(part, source.width - sourceX);
  const height = Math.min(part, source.height - sourceY);
  if (width <= 0 || height <= 0) return;
  const x = Math.round(left + request.column * TILE_SIZE * pixel);
  const y = Math.round(top + request.row * TILE_SIZE * pixel);
  const right = Math.round(left + (request.column * TILE_SIZE + width * factor) * pixel);
  const bottom = Math.round(top + (request.row * TILE_SIZE + height * factor) * pixel);
  context.drawImage(image, sourceX, sourceY, width, height, x, y, right - x, bottom - y);
}
