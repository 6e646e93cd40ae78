/** A tile of a level that a pyramid covers, row of pixels by row as they are counted. */
import { columnLevelOf, TILE_SIZE, type Tile, type TileRequest } from "../../protocol/tiles";
import { planeCount, planeRange } from "./octets";
import { coarsestWithin, sumBlocks, type Pyramid, type PyramidLevel } from "./pyramid";
import { tileAreas, tileExtent, tileOfCounts, type PixelCounts } from "./tilePixels";

export class PyramidTile {
  readonly height: number;
  /** By row of pixels, 1 where it is summed. */
  readonly known: Uint8Array;
  private readonly width: number;
  /** The coarsest level that is fine enough. */
  private readonly source: PyramidLevel;
  private readonly pixels: PixelCounts & { counts: Uint32Array | Float64Array };

  constructor(
    private readonly pyramid: Pyramid,
    private readonly request: TileRequest,
  ) {
    const { matrix, models, levels, derived } = pyramid;
    const { width, height } = tileExtent(matrix, request);
    const columnLevel = columnLevelOf(request);
    const size = width * height;
    const fit = 2 ** (request.level + columnLevel) < 2 ** 32;
    this.width = width;
    this.height = height;
    this.known = new Uint8Array(height);
    this.source = coarsestWithin([...levels, ...derived], { level: request.level, columnLevel });
    this.pixels = {
      rowLength: width,
      counts: fit ? new Uint32Array(planeCount(models) * size) : new Float64Array(planeCount(models) * size),
      sums: new Float64Array(size),
    };
  }

  /** Sums a row of pixels, once; all entries that it covers are counted. */
  add(row: number): void {
    if (this.known[row]) return;
    this.known[row] = 1;
    const { pyramid, request, source, width, height } = this;
    const { counts, sums } = this.pixels;
    const line = {
      row: request.row * TILE_SIZE + row,
      left: request.column * TILE_SIZE,
      down: request.level - source.level,
      across: columnLevelOf(request) - source.columnLevel,
    };
    const [first, end] = planeRange(pyramid.models, request.planes);
    for (let plane = first; plane < end; plane++) {
      const place = (plane * height + row) * width;
      const start = plane * source.rows * source.columns;
      sumBlocks(source, source.counts, start, line, counts.subarray(place, place + width));
    }
    if (request.planes === "models") return;
    sumBlocks(source, source.sums, 0, line, sums.subarray(row * width, (row + 1) * width));
  }

  /** What is not summed is 0. */
  tile(): Tile {
    const { request, width, height, pixels } = this;
    const { matrix, models } = this.pyramid;
    return tileOfCounts(request, models, width, height, pixels, tileAreas(matrix, request));
  }
}

/** Of a pyramid in which all that the tile covers is counted. */
export function tileOfPyramid(pyramid: Pyramid, request: TileRequest): Tile {
  const tile = new PyramidTile(pyramid, request);
  for (let row = 0; row < tile.height; row++) tile.add(row);
  return tile.tile();
}
