/**
 * One tile straight from its entries, whatever its levels: each pixel counts 2^level rows × 2^columnLevel columns.
 * For what drawTile.ts, which is faster, does not draw: levels of a pyramid that begins coarser, and matrices that fill
 * their picture because they are much longer than wide.
 */
import { columnLevelOf, type MatrixShape, type Tile, type TileRequest } from "../../protocol/tiles";
import type { RegionSource } from "./countRegion";
import { OCTET, planeCount } from "./octets";
import { FINEST_LEVEL } from "./pyramid";
import { tileAreas, tileExtent, tileOfCounts, type PixelCounts } from "./tilePixels";
import { forEachBandOf } from "./regionBands";
import { forEachChunkOf, forEachRowOf } from "./regionChunks";

export function countTile(matrix: MatrixShape, request: TileRequest, models: number, source: RegionSource): Tile {
  const { width, height } = tileExtent(matrix, request);
  const size = width * height;
  const pixels = {
    rowLength: width,
    counts: new Uint32Array(planeCount(models) * size),
    sums: new Float64Array(size),
  };
  const count = columnLevelOf(request) >= FINEST_LEVEL ? countOctets : countMarks;
  count(matrix, request, pixels, size, source);
  return tileOfCounts(request, models, width, height, pixels, tileAreas(matrix, request));
}

interface Pixels extends PixelCounts {
  counts: Uint32Array;
}

/** A pixel is as wide as some octets. */
function countOctets(matrix: MatrixShape, request: TileRequest, pixels: Pixels, size: number, source: RegionSource) {
  const { reader, kernels, parameters, ties, betweenChunks } = source;
  const { region } = tileExtent(matrix, request);
  const { counts, sums, rowLength } = pixels;
  const shift = columnLevelOf(request) - FINEST_LEVEL;
  forEachChunkOf(region, matrix, reader, betweenChunks, (chunk) => {
    const octets = kernels.countOctets(chunk, parameters, ties);
    forEachRowOf(chunk, matrix.columns, ({ row, column, length, octet: from }) => {
      const to = ((row - region.row) >> request.level) * rowLength;
      const first = (column - region.column) / OCTET;
      const number = Math.ceil(length / OCTET);
      for (let at = 0, plane = 0; plane < counts.length; at += octets.stride, plane += size) {
        for (let octet = 0; octet < number; octet++) {
          counts[plane + to + ((first + octet) >> shift)] += octets.counts[at + from + octet];
        }
      }
      for (let octet = 0; octet < number; octet++) sums[to + ((first + octet) >> shift)] += octets.sums[from + octet];
    });
  });
}

/** An octet is one pixel wide, or several. */
function countMarks(matrix: MatrixShape, request: TileRequest, pixels: Pixels, size: number, source: RegionSource) {
  const { reader, kernels, parameters, ties, betweenChunks } = source;
  const { region } = tileExtent(matrix, request);
  const { counts, sums, rowLength } = pixels;
  const across = columnLevelOf(request);
  forEachBandOf(region, matrix, reader, ties, betweenChunks, (band) => {
    const { marks, stride, merged } = kernels.markOctets(band.chunk, parameters, band.ties);
    // The last row of a folded vector may be shorter.
    const length = band.chunk.count / band.rows;
    const octets = Math.ceil(length / OCTET);
    for (let row = 0; row < band.rows; row++) {
      const to = ((band.row - region.row + row) >> request.level) * rowLength;
      for (let at = row * octets, plane = 0; plane < counts.length; at += stride, plane += size) {
        for (let octet = 0; octet < octets; octet++) {
          const first = plane + to + ((octet * OCTET) >> across);
          for (let left = marks[at + octet]; left !== 0; left &= left - 1) {
            counts[first + ((31 - Math.clz32(left & -left)) >> across)]++;
          }
        }
      }
      for (let i = 0; i < length; i++) sums[to + (i >> across)] += merged[row * length + i];
    }
  });
}
