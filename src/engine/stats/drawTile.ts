/**
 * One tile straight from the entries that it covers: for the levels finer than any pyramid, whose tiles cover few.
 * Every pixel is the true share over its block.
 */
import { matrixShape, type Tile, type TileRequest } from "../../protocol/tiles";
import type { RegionSource } from "./countRegion";
import { BITS_SET, OCTET, planeCount, type OctetMarks } from "./octets";
import { FINEST_LEVEL, tileAreas, tileExtent, tileOfCounts } from "./pyramid";
import { forEachChunkOf, forEachRowOf, type RowPart } from "./regionChunks";

/** @throws RangeError for a level from FINEST_LEVEL on. */
export function drawTile(
  shape: readonly number[],
  request: TileRequest,
  { reader, kernels, parameters, ties, betweenChunks }: RegionSource,
): Tile {
  if (request.level >= FINEST_LEVEL) throw new RangeError(`level ${request.level} is that of a pyramid`);
  const matrix = matrixShape(shape);
  const models = parameters.weights.length;
  const { region, width, height } = tileExtent(matrix, request);
  const pixels = new PixelCounter(models, width, height, request.level);
  forEachChunkOf(region, matrix, reader, betweenChunks, (chunk) => {
    const octets = kernels.markOctets(chunk, parameters, ties);
    forEachRowOf(chunk, matrix.columns, (part) => {
      pixels.add({ ...part, row: part.row - region.row, column: part.column - region.column }, octets);
    });
  });
  return tileOfCounts(request, models, width, height, pixels.counts, pixels.sums, tileAreas(matrix, request));
}

/** Adds entries of one row to the pixels that cover them. */
class PixelCounter {
  /** [plane][height][width] */
  readonly counts: Float64Array;
  /** [height][width]: Σ τ_m. */
  readonly sums: Float64Array;
  private readonly planes: number;
  private readonly size: number;

  constructor(
    models: number,
    private readonly width: number,
    height: number,
    private readonly level: number,
  ) {
    this.planes = planeCount(models);
    this.size = width * height;
    this.counts = new Float64Array(this.planes * this.size);
    this.sums = new Float64Array(this.size);
  }

  /** `row` and `column` count from the tile's corner; the column is that of an octet. */
  add({ row, column, length, octet: first }: RowPart, { marks, stride, merged }: OctetMarks): void {
    const { counts, sums, level } = this;
    const step = 2 ** level;
    const mask = 2 ** step - 1;
    const line = (row >> level) * this.width;
    const octets = Math.ceil(length / OCTET);
    for (let plane = 0; plane < this.planes; plane++) {
      const from = plane * stride + first;
      const to = plane * this.size + line;
      for (let octet = 0; octet < octets; octet++) {
        let left = marks[from + octet];
        for (let pixel = to + ((column + octet * OCTET) >> level); left > 0; pixel++, left >>= step) {
          counts[pixel] += BITS_SET[left & mask];
        }
      }
    }
    const entry = first * OCTET;
    for (let i = 0; i < length; i++) sums[line + ((column + i) >> level)] += merged[entry + i];
  }
}
