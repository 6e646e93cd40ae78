/** Draws the tiles of one picture; where one has not arrived, the part of a coarser one that covers it. */
import type { Tile, TileRequest } from "../../src/protocol/tiles";
import { TILE_SIZE } from "../../src/protocol/tiles";
import { ancestor } from "./levels";
import type { Projection } from "./viewport";

export interface TilePainter {
  /** The tile's pixels in the picture's colours; null while they are not at hand. */
  paint(request: TileRequest): { tile: Tile; image: CanvasImageSource } | null;
  /** The same of what is known of a tile that is being counted; the rest is transparent. */
  paintPartial(request: TileRequest): { tile: Tile; image: CanvasImageSource } | null;
  /** Marks a rectangle of which nothing is known, or only a part: what is known is drawn over it. */
  markUnknown(left: number, top: number, right: number, bottom: number): void;
}

/** `projection` is in device pixels; `context` is clipped to the matrix. Whether there was something for every tile. */
export function drawTiles(
  context: CanvasRenderingContext2D,
  projection: Projection,
  tiles: readonly TileRequest[],
  topLevel: number,
  painter: TilePainter,
): boolean {
  let covered = true;
  context.imageSmoothingEnabled = false;
  for (const request of tiles) {
    const found = nearest(request, topLevel, (candidate) => painter.paint(candidate));
    // A coarser picture that is whole beats a finer one with holes.
    const shown = found ?? nearest(request, topLevel, (candidate) => painter.paintPartial(candidate));
    if (!found) {
      const edge = TILE_SIZE * 2 ** request.level * projection.scale;
      const [left, top] = [projection.left + request.column * edge, projection.top + request.row * edge];
      painter.markUnknown(Math.round(left), Math.round(top), Math.round(left + edge), Math.round(top + edge));
    }
    if (shown) drawTile(context, projection, request, shown.tile, shown.image);
    else covered = false;
  }
  return covered;
}

type Painted = ReturnType<TilePainter["paint"]>;

function nearest(request: TileRequest, topLevel: number, paint: (candidate: TileRequest) => Painted): Painted {
  for (let steps = 0; request.level + steps <= Math.max(topLevel, request.level); steps++) {
    const painted = paint(ancestor(request, steps));
    if (painted) return painted;
  }
  return null;
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
