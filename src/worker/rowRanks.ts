/**
 * Places of entries among the magnitudes of their rows, as DELLA needs them: rows are read whole, also where a chunk
 * holds but a part of one, so that any range of a tensor gets the same places.
 */
import { ChunkReader, HeapRoom, type TensorInput } from "../engine/kernels/chunkReader";
import { loadChunk } from "../engine/kernels/loadChunk";
import { CHUNK_ELEMENTS } from "../engine/kernels/rawChunk";
import { allocateRankScratch, placeOf, rankRow, type RankScratch } from "../engine/merge/rankRow";
import { taskVector } from "../engine/merge/taskVector";
import type { TrimRule } from "../engine/merge/trim";
import { allocateValues, type Values } from "../engine/merge/values";
import type { TensorInputs, TensorRange } from "./computeApi";
import type { FileCache } from "./fileCache";

/** Bytes that a worker holds for N models and rows of so many entries: ranks of each, one row decoded, its order. */
export const rankBytes = (models: number, row: number): number => (4 * models + 24) * row + 8 * models * CHUNK_ELEMENTS;

/** The rules with their ranks at hand, where they go by ranks. Such rules stay with the worker. */
export function withRanks(rules: TrimRule[], { base, models, wide }: TensorInputs, files: FileCache): TrimRule[] {
  if (!base || !rules.some(({ random }) => random?.window)) return rules;
  const open = (range: TensorRange): TensorInput => ({
    source: files.source(range),
    offset: range.offset,
    dtype: range.dtype,
  });
  const room = new HeapRoom();
  return rules.map((rule, t) => {
    if (!rule.random?.window) return rule;
    const { window } = rule.random;
    const ranks = new RowRanks(new ChunkReader(open(base), [open(models[t])], wide, room), window.row, wide);
    const places = (start: number, count: number): Float64Array => ranks.places(start, count);
    return { ...rule, random: { ...rule.random, window: { ...window, places } } };
  });
}

class RowRanks {
  /** The row whose ranks are at hand; those of a short one are soon found again. */
  private row = -1;
  private readonly ranks: Uint32Array;
  private asked = new Float64Array(0);

  constructor(
    private readonly reader: ChunkReader,
    private readonly length: number,
    private readonly wide: boolean,
  ) {
    this.ranks = new Uint32Array(length);
  }

  /** Of entries from a flat index on; valid until the next call. */
  places(start: number, count: number): Float64Array {
    if (this.asked.length < count) this.asked = new Float64Array(count);
    const end = start + count;
    for (let at = start; at < end;) {
      const row = Math.floor(at / this.length);
      const [first, last] = [at - row * this.length, Math.min(this.length, end - row * this.length)];
      this.rank(row);
      for (let i = first; i < last; i++) this.asked[at++ - start] = placeOf(this.ranks[i], this.length);
    }
    return this.asked;
  }

  private rank(row: number): void {
    if (this.row === row) return;
    const { length } = this;
    const { base, model, ranking } = scratchFor(length, this.wide);
    this.reader.forEachChunk(row * length, length, (chunk) => {
      const at = chunk.start - row * length;
      const [x, y] = [base.subarray(at, at + chunk.count), model.subarray(at, at + chunk.count)];
      // What is not finite has been refused, or counts as unchanged.
      loadChunk(chunk, "keep-base", x, [y]);
      taskVector(y, x, chunk.count, y);
    });
    rankRow(model, length, ranking, this.ranks);
    this.row = row;
  }
}

interface RowScratch {
  wide: boolean;
  base: Values;
  model: Values;
  ranking: RankScratch;
}

let scratch: RowScratch | null = null;

/** Room for one row; one for all, as no two are ranked at a time. */
function scratchFor(length: number, wide: boolean): RowScratch {
  if (!scratch || scratch.wide !== wide || scratch.base.length < length) {
    const allocate = (): Values => allocateValues(length, wide);
    scratch = { wide, base: allocate(), model: allocate(), ranking: allocateRankScratch(length) };
  }
  return scratch;
}
