/**
 * One tile straight from the entries that it covers: for the levels finer than those of a pyramid, whose tiles cover
 * few. Every pixel is the true share over its block.
 */
import { columnLevelOf, matrixShape, type Tile, type TileRequest } from "../../protocol/tiles";
import { countTile } from "./countTile";
import type { RegionSource } from "./countRegion";
import { OCTET, planeCount, planeRange, type OctetMarks } from "./octets";
import { FINEST_LEVEL } from "./pyramid";
import { tileAreas, tileExtent, tileOfCounts, type PixelCounts } from "./tilePixels";
import { forEachBandOf, type Band } from "./regionBands";

export function drawTile(shape: readonly number[], request: TileRequest, source: RegionSource): Tile {
  const { reader, kernels, parameters, ties, betweenChunks } = source;
  const matrix = matrixShape(shape);
  const models = parameters.weights.length;
  const { level } = request;
  if (level >= FINEST_LEVEL || columnLevelOf(request) !== level) return countTile(matrix, request, models, source);
  const { region, width, height } = tileExtent(matrix, request);
  const pixels = new PixelCounter(models, Math.ceil(region.columns / OCTET), height, request);
  forEachBandOf(region, matrix, reader, ties, betweenChunks, (band) => {
    pixels.add(band, band.row - region.row, kernels.markOctets(band.chunk, parameters, band.ties));
  });
  return tileOfCounts(request, models, width, height, pixels, tileAreas(matrix, request));
}

/** By level, the marks of an octet counted by pixel, a byte each; of single entries, those of half an octet. */
const SPREAD: readonly Uint32Array[] = Array.from({ length: FINEST_LEVEL }, (_, level) =>
  Uint32Array.from({ length: level === 0 ? 16 : 256 }, (_, marks) => {
    let bytes = 0;
    for (let entry = 0; entry < OCTET; entry++) bytes += ((marks >> entry) & 1) * 2 ** (8 * (entry >> level));
    return bytes;
  }),
);

/** Adds rows of octets to the pixels that cover them. No pixel of these levels covers more than a byte counts. */
class PixelCounter implements PixelCounts {
  readonly rowLength: number;
  /** [plane][height][rowLength] */
  readonly counts: Uint8Array;
  /** [height][rowLength] */
  readonly sums: Float64Array;
  /** First of the wanted planes, and the one behind the last. */
  private readonly wanted: [begin: number, end: number];
  private readonly level: number;
  private readonly hasSums: boolean;
  /** The same counts, so many pixels together as an octet, or half of one, has. */
  private readonly words: Uint32Array | Uint16Array;

  /** @param octets of a row of entries. */
  constructor(
    models: number,
    private readonly octets: number,
    private readonly height: number,
    { level, planes }: TileRequest,
  ) {
    this.level = level;
    this.wanted = planeRange(models, planes);
    this.hasSums = planes !== "models";
    this.rowLength = octets * (OCTET >> level);
    this.counts = new Uint8Array(planeCount(models) * height * this.rowLength);
    this.sums = new Float64Array(height * this.rowLength);
    const { buffer } = this.counts;
    this.words = OCTET >> level === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
  }

  /** @param top the band's first row, from that of the tile. */
  add({ rows, chunk }: Band, top: number, { marks, stride, merged }: OctetMarks): void {
    const { level, height } = this;
    // The last row of a folded vector may be shorter.
    const length = chunk.count / rows;
    const octets = Math.ceil(length / OCTET);
    const [begin, end] = this.wanted;
    for (let plane = begin; plane < end; plane++) {
      for (let row = 0; row < rows; row++) {
        const line = plane * height + ((top + row) >> level);
        const from = plane * stride + row * octets;
        if (level === 0) this.putRow(marks, from, 2 * this.octets * line, octets);
        else this.addRow(marks, from, this.octets * line, octets);
      }
    }
    if (!this.hasSums) return;
    for (let row = 0; row < rows; row++) this.addSums(merged, row * length, (top + row) >> level, length);
  }

  private putRow(marks: Uint8Array, from: number, to: number, octets: number): void {
    const { words } = this;
    const [spread] = SPREAD;
    for (let octet = 0; octet < octets; octet++) {
      const own = marks[from + octet];
      words[to + 2 * octet] = spread[own & 15];
      words[to + 2 * octet + 1] = spread[own >> 4];
    }
  }

  private addRow(marks: Uint8Array, from: number, to: number, octets: number): void {
    const { words } = this;
    const spread = SPREAD[this.level];
    for (let octet = 0; octet < octets; octet++) words[to + octet] += spread[marks[from + octet]];
  }

  private addSums(merged: OctetMarks["merged"], from: number, line: number, length: number): void {
    const { sums, level } = this;
    const to = line * this.rowLength;
    for (let i = 0; i < length; i++) sums[to + (i >> level)] += merged[from + i];
  }
}
