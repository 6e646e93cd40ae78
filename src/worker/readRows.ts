/** A worker's part of reading a sample whose entries are ranked in their rows, as `readSample` plans it. */
import { BYTES_OF } from "../engine/kernels/chunkReader";
import { loadChunk } from "../engine/kernels/loadChunk";
import type { RawInput } from "../engine/kernels/rawChunk";
import { allocateRankScratch, rankRow } from "../engine/merge/rankRow";
import { taskVector } from "../engine/merge/taskVector";
import { allocateValues } from "../engine/merge/values";
import type { ReadBlocksJob } from "./computeApi";
import type { FileCache } from "./fileCache";
import { throwIfCancelled } from "./runState";

/** Numbers of a plan before a tensor's pieces. */
export const ROWS_HEAD = 7;
/** Short rows are read and decoded together, up to so many entries. */
const ENTRIES_TOGETHER = 1 << 12;

interface Rows {
  wide: boolean;
  length: number;
  perRow: number;
  held: number;
  /** Start, count and block of each piece. */
  pieces: Float64Array;
  /** Source, begin and where it is held of each input, the base's first. */
  inputs: Float64Array;
  /** Where ranks are held, model by model. */
  ranksAt: number;
}

/** Reads pieces of rows, ranks each model's changes in them, and keeps blocks of values and ranks where they are held. */
export function readRows({ sources, plan, into, state }: ReadBlocksJob, files: FileCache): void {
  for (let at = 0; at < plan.length;) {
    throwIfCancelled(state);
    const [wide, length, perRow, held, pieces, inputs, ranksAt] = plan.subarray(at, at + ROWS_HEAD);
    const [first, end] = [at + ROWS_HEAD + 3 * pieces, at + ROWS_HEAD + 3 * pieces + 3 * inputs];
    const rows: Rows = {
      ...{ wide: wide === 1, length, perRow, held, ranksAt },
      pieces: plan.subarray(at + ROWS_HEAD, first),
      inputs: plan.subarray(first, end),
    };
    readTensor(rows, sources, into, files);
    at = end;
  }
}

function readTensor(rows: Rows, sources: ReadBlocksJob["sources"], into: SharedArrayBuffer, files: FileCache): void {
  const { wide, length, perRow, held, pieces, inputs, ranksAt } = rows;
  const number = pieces.length / 3;
  const atOnce = perRow * Math.max(1, Math.floor(ENTRIES_TOGETHER / length));
  const room = (atOnce / perRow) * length;
  const all = Array.from({ length: inputs.length / 3 }, (_, at) => {
    const [source, begin, heldAt] = inputs.subarray(3 * at, 3 * at + 3);
    const { dtype } = sources[source];
    const bytes = new Uint8Array(room * BYTES_OF[dtype]);
    return { dtype, file: files.source(sources[source]), begin, heldAt, bytes, size: BYTES_OF[dtype] };
  });
  const [base, ...models] = all.map(() => allocateValues(room, wide));
  const entries = number * held;
  const ranks = models.map((_, t) => new Uint32Array(into, ranksAt + 4 * t * entries, entries));
  const [scratch, ranked] = [allocateRankScratch(length), new Uint32Array(length)];
  for (let first = 0; first < number; first += atOnce) {
    const some = pieces.subarray(3 * first, 3 * Math.min(number, first + atOnce));
    const count = (some.length / 3 / perRow) * length;
    for (const { file, begin, bytes, size } of all) {
      eachRun(some, (start, from, run) =>
        file.read(begin + start * size, bytes.subarray(from * size, (from + run) * size)),
      );
    }
    const [baseInput, ...others] = all.map(({ dtype, bytes }): RawInput => ({ dtype, bytes }));
    loadChunk({ start: 0, count, base: baseInput, models: others, wide }, "keep-base", base, models);
    models.forEach((values, t) => {
      taskVector(values, base, count, values);
      for (let row = 0; row * length < count; row++) {
        rankRow(values.subarray(row * length, (row + 1) * length), length, scratch, ranked);
        const own = some.subarray(3 * row * perRow, 3 * (row + 1) * perRow);
        eachBlock(own, (from, piece) => {
          const to = (first + row * perRow + piece) * held;
          ranks[t].set(ranked.subarray(from, from + held), to);
        });
      }
    });
    for (const { bytes, heldAt, size } of all) {
      const to = new Uint8Array(into, heldAt, entries * size);
      eachBlock(some, (from, piece) =>
        to.set(bytes.subarray(from * size, (from + held) * size), (first + piece) * held * size),
      );
    }
  }
}

/** Pieces that follow one another are read as one. `from` counts what is read. */
function eachRun(pieces: Float64Array, visit: (start: number, from: number, count: number) => void): void {
  for (let at = 0, from = 0; at < pieces.length;) {
    const start = pieces[at];
    let end = start;
    for (; at < pieces.length && pieces[at] === end; at += 3) end += pieces[at + 1];
    visit(start, from, end - start);
    from += end - start;
  }
}

/** Where the held block of each piece begins in what was read. */
function eachBlock(pieces: Float64Array, visit: (from: number, piece: number) => void): void {
  for (let at = 0, from = 0; at < pieces.length; at += 3) {
    visit(from + pieces[at + 2] - pieces[at], at / 3);
    from += pieces[at + 1];
  }
}
