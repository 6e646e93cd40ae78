/** Counts the finest level of a pyramid in one region, in one pass over its entries. */
import type { ChunkReader } from "../kernels/chunkReader";
import { BYTES_OF } from "../kernels/chunkReader";
import type { Kernels, MergeParameters, TiesChunkRules } from "../kernels/kernels";
import type { RawChunk, RawInput } from "../kernels/rawChunk";
import { OCTET, planeCount, type OctetCounts } from "./octets";
import { coarsen, type Pyramid, type Region } from "./pyramid";

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
  const { columns, elements } = pyramid.matrix;
  const { reader, kernels, parameters, ties, betweenChunks } = source;
  const rows = new PixelRows(pyramid, region);
  const countInto = (chunk: RawChunk): void => rows.add(chunk, kernels.countOctets(chunk, parameters, ties));
  const whole = region.columns === columns;
  const rowsAtOnce = whole ? Math.max(1, Math.floor(reader.chunkElements / columns)) : 1;
  const bottom = region.row + region.rows;
  for (let row = region.row; row < bottom; row += rowsAtOnce) {
    const start = row * columns + region.column;
    const length = whole ? Math.min(rowsAtOnce, bottom - row) * columns : region.columns;
    reader.forEachStretch(start, Math.max(0, Math.min(length, elements - start)), (at, count) => {
      betweenChunks();
      const chunk = reader.chunk(at, count);
      // An octet lies in one row: where rows are not of whole octets, each is counted for itself.
      if (columns % OCTET === 0 || rowsAtOnce === 1) countInto(chunk);
      else for (let begin = 0; begin < count; begin += columns) countInto(partOf(chunk, begin, columns));
    });
  }
  rows.flush();
  coarsen(pyramid, region);
}

function partOf(chunk: RawChunk, begin: number, length: number): RawChunk {
  const count = Math.min(length, chunk.count - begin);
  const cut = ({ dtype, bytes }: RawInput): RawInput => {
    const size = BYTES_OF[dtype];
    return { dtype, bytes: bytes.subarray(begin * size, (begin + count) * size) };
  };
  return {
    ...chunk,
    start: chunk.start + begin,
    count,
    base: chunk.base && cut(chunk.base),
    models: chunk.models.map(cut),
  };
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

  add({ start, count }: RawChunk, octets: OctetCounts): void {
    const { columns } = this.pyramid.matrix;
    for (let done = 0; done < count;) {
      const row = Math.floor((start + done) / columns);
      const column = start + done - row * columns;
      const length = Math.min(count - done, columns - column);
      this.addRow(row, column - this.region.column, length, octets, done / OCTET);
      done += length;
    }
  }

  /** @param column first column, from the region's left; @param first octet of it. */
  private addRow(row: number, column: number, length: number, octets: OctetCounts, first: number): void {
    const { level } = this.pyramid.levels[0];
    const pixelRow = Math.floor(row / 2 ** level);
    if (pixelRow !== this.current) {
      this.flush();
      this.current = pixelRow;
    }
    const { counts, sums, width, planes } = this;
    const shift = level - Math.log2(OCTET);
    const place = column / OCTET;
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
