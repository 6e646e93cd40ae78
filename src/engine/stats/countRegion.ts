/** Counts the finest level of a pyramid in one region, in one pass over its entries. */
import type { ChunkReader } from "../kernels/chunkReader";
import type { Kernels, MergeParameters, TiesChunkRules } from "../kernels/kernels";
import { OCTET, planeCount, type OctetCounts } from "./octets";
import { coarsen, type Pyramid, type Region } from "./pyramid";
import { forEachChunkOf, forEachRowOf, type RowPart } from "./regionChunks";

export interface RegionSource {
  reader: ChunkReader;
  kernels: Kernels;
  parameters: MergeParameters;
  ties: TiesChunkRules;
  /** Called before each chunk is read; may throw to cancel. */
  betweenChunks(): void;
}

/** Fills every level of the pyramid in `region`. */
export function countRegion(pyramid: Pyramid, region: Region, source: RegionSource): void {
  const { reader, kernels, parameters, ties, betweenChunks } = source;
  const { matrix } = pyramid;
  const rows = new PixelRows(pyramid, region);
  forEachChunkOf(region, matrix, reader, betweenChunks, (chunk) => {
    const octets = kernels.countOctets(chunk, parameters, ties);
    forEachRowOf(chunk, matrix.columns, (part) => rows.add(part, octets));
  });
  rows.flush();
  coarsen(pyramid, region);
}

/** Sums octets over the entries of one row of pixels, and stores the row when the next one begins. */
class PixelRows {
  private readonly planes: number;
  private readonly width: number;
  private readonly counts: Uint32Array;
  private readonly sums: Float64Array;
  private current = -1;

  constructor(
    private readonly pyramid: Pyramid,
    private readonly region: Region,
  ) {
    this.planes = planeCount(pyramid.models);
    this.width = Math.ceil(region.columns / 2 ** pyramid.levels[0].level);
    this.counts = new Uint32Array(this.planes * this.width);
    this.sums = new Float64Array(this.width);
  }

  add({ row, column, length, octet: first }: RowPart, octets: OctetCounts): void {
    const { level } = this.pyramid.levels[0];
    const pixelRow = Math.floor(row / 2 ** level);
    if (pixelRow !== this.current) {
      this.flush();
      this.current = pixelRow;
    }
    const { counts, sums, width, planes } = this;
    const shift = level - Math.log2(OCTET);
    const place = (column - this.region.column) / OCTET;
    const number = Math.ceil(length / OCTET);
    for (let plane = 0; plane < planes; plane++) {
      const from = plane * octets.stride + first;
      const to = plane * width;
      for (let octet = 0; octet < number; octet++)
        counts[to + ((place + octet) >> shift)] += octets.counts[from + octet];
    }
    for (let octet = 0; octet < number; octet++) sums[(place + octet) >> shift] += octets.sums[first + octet];
  }

  flush(): void {
    if (this.current < 0) return;
    const [finest] = this.pyramid.levels;
    const { counts, sums, width } = this;
    const left = this.region.column / 2 ** finest.level;
    const size = finest.rows * finest.columns;
    const place = this.current * finest.columns + left;
    for (let plane = 0; plane < this.planes; plane++) {
      finest.counts.set(counts.subarray(plane * width, (plane + 1) * width), plane * size + place);
    }
    finest.sums.set(sums, place);
    counts.fill(0);
    sums.fill(0);
    this.current = -1;
  }
}
