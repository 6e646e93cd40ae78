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

/** Octets that are added together, a byte each. */
const WORD = 4;
/** As many octets, one under the other, as a byte counts. */
const MOST_ADDED = Math.floor(255 / OCTET);

/** Sums octets over the entries of one row of pixels, and stores the row when the next one begins. */
class PixelRows {
  private readonly planes: number;
  private readonly width: number;
  private readonly counts: Uint32Array;
  private readonly sums: Float64Array;
  /** Octets of a row of entries, whole words. */
  private readonly octets: number;
  /** [plane][octets]: counts of the entries above each other that were added last. */
  private readonly added: Uint8Array;
  private readonly addedWords: Uint32Array;
  private parts = 0;
  private current = -1;

  constructor(
    private readonly pyramid: Pyramid,
    private readonly region: Region,
  ) {
    this.planes = planeCount(pyramid.models);
    this.width = Math.ceil(region.columns / 2 ** pyramid.levels[0].level);
    this.counts = new Uint32Array(this.planes * this.width);
    this.sums = new Float64Array(this.width);
    this.octets = Math.ceil(region.columns / (WORD * OCTET)) * WORD;
    this.added = new Uint8Array(this.planes * this.octets);
    this.addedWords = new Uint32Array(this.added.buffer);
  }

  add({ row, column, length, octet: first }: RowPart, octets: OctetCounts): void {
    const { level } = this.pyramid.levels[0];
    const pixelRow = Math.floor(row / 2 ** level);
    if (pixelRow !== this.current) {
      this.flush();
      this.current = pixelRow;
    }
    if (this.parts === MOST_ADDED) this.gather();
    this.parts++;
    const { sums } = this;
    const shift = level - Math.log2(OCTET);
    const place = (column - this.region.column) / OCTET;
    const number = Math.ceil(length / OCTET);
    this.addCounts(octets, first, place, number);
    for (let octet = 0; octet < number; octet++) sums[(place + octet) >> shift] += octets.sums[first + octet];
  }

  private addCounts({ counts, stride }: OctetCounts, first: number, place: number, number: number): void {
    const { added, addedWords } = this;
    const isAligned = first % WORD === 0 && place % WORD === 0 && stride % WORD === 0;
    const words = isAligned ? Math.floor(number / WORD) : 0;
    const from32 = new Uint32Array(counts.buffer, counts.byteOffset, Math.floor(counts.length / WORD));
    for (let plane = 0; plane < this.planes; plane++) {
      const from = plane * stride + first;
      const to = plane * this.octets + place;
      const [fromWord, toWord] = [from / WORD, to / WORD];
      // No byte of a word runs over into the next.
      for (let word = 0; word < words; word++) addedWords[toWord + word] += from32[fromWord + word];
      for (let octet = words * WORD; octet < number; octet++) added[to + octet] += counts[from + octet];
    }
  }

  /** Takes what was added octet by octet into the counts of the pixels. */
  private gather(): void {
    const { added, counts, octets, width } = this;
    const shift = this.pyramid.levels[0].level - Math.log2(OCTET);
    const number = Math.ceil(this.region.columns / OCTET);
    for (let plane = 0; plane < this.planes; plane++) {
      for (let octet = 0; octet < number; octet++) {
        counts[plane * width + (octet >> shift)] += added[plane * octets + octet];
      }
    }
    added.fill(0);
    this.parts = 0;
  }

  flush(): void {
    if (this.current < 0) return;
    this.gather();
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
