/** Reads a computed tensor as if a file held it: a range of its entries at a time, each computed by itself. */
import type { FloatDtype } from "../../protocol/mergeSet";
import type { ByteSource } from "../io";
import type { ComputedTensor, StoredEntries, StoredMatrix, TensorChange } from "./computedTensor";
import { decode } from "./decode";
import type { Floats } from "./decode";
import { dtypeBytes } from "./dtypes";
import { encode } from "./encode";

/** Where stored entries come from. */
export interface EntrySources {
  source(entries: StoredEntries): ByteSource;
  /** All of a matrix, decoded; kept for the next call where there is room. */
  matrix(matrix: StoredMatrix): Floats;
}

/** Entries that are computed together: as many as the processor's cache holds, a factor beside them. */
const BLOCK_ENTRIES = 1 << 14;

/** Room of one thread: reads block. */
const room = {
  bytes: new Uint8Array(0),
  values: new Float64Array(0),
  left: new Float64Array(0),
  sums: new Float64Array(0),
};

export class ComputedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly entryBytes: number;

  constructor(
    private readonly tensor: ComputedTensor,
    private readonly sources: EntrySources,
  ) {
    const { from, elements, dtype } = tensor;
    this.name = typeof from === "number" ? "" : from.file;
    this.entryBytes = bytesOf(dtype);
    this.size = elements * this.entryBytes;
  }

  /** Both ends must lie between entries. The same entry is the same number, whichever range it is read in. */
  read(offset: number, target: Uint8Array): void {
    const first = offset / this.entryBytes;
    const count = target.length / this.entryBytes;
    if (!Number.isInteger(first) || !Number.isInteger(count) || first + count > this.tensor.elements) {
      throw new RangeError(`${this.name}: a computed tensor is read from ${offset} on, ${target.length} bytes`);
    }
    const block = Math.max(1, Math.min(BLOCK_ENTRIES, this.leftLimit()));
    for (let at = 0; at < count; at += block) {
      const entries = Math.min(block, count - at);
      const values = this.stored(first + at, entries);
      this.change(values, first + at, entries);
      encode(
        this.tensor.dtype,
        values,
        target.subarray(at * this.entryBytes, (at + entries) * this.entryBytes),
        entries,
      );
    }
  }

  /** Entries whose rows of the left factor are not many more than the entries. */
  private leftLimit(): number {
    const { change, columns } = this.tensor;
    if (change?.kind !== "low-rank") return BLOCK_ENTRIES;
    return Math.floor((BLOCK_ENTRIES * Math.max(columns, 1)) / Math.max(change.left.columns, 1));
  }

  private stored(first: number, count: number): Float64Array {
    const { from } = this.tensor;
    room.values = atLeast(room.values, count);
    if (typeof from === "number") room.values.fill(from, 0, count);
    else readEntries(this.sources.source(from), from, first, count, room.values);
    return room.values;
  }

  private change(values: Float64Array, first: number, count: number): void {
    const { change, columns } = this.tensor;
    if (change === null || count === 0) return;
    switch (change.kind) {
      case "low-rank":
        return this.addLowRank(change, values, first, count);
      case "scale-all":
        for (let i = 0; i < count; i++) values[i] *= change.factor;
        return;
      case "scale-rows": {
        const factors = this.sources.matrix(change.factors);
        for (let i = 0; i < count; i++) values[i] *= factors[Math.floor((first + i) / columns)];
        return;
      }
      case "scale-columns": {
        const factors = this.sources.matrix(change.factors);
        for (let i = 0; i < count; i++) values[i] *= factors[Math.floor(((first + i) % columns) / change.run)];
        return;
      }
      case "place":
        return this.place(change, values, first, count);
    }
  }

  private place(
    { block, row, column }: Extract<TensorChange, { kind: "place" }>,
    values: Float64Array,
    first: number,
    count: number,
  ): void {
    const { columns } = this.tensor;
    const matrix = this.sources.matrix(block);
    for (let i = 0; i < block.rows; i++) {
      const begin = (row + i) * columns + column - first;
      const [from, to] = [Math.max(begin, 0), Math.min(begin + block.columns, count)];
      for (let at = from; at < to; at++) values[at] = matrix[i * block.columns + at - begin];
    }
  }

  /** Sums over the rank in float64, in its order: what an entry is does not depend on the range that is read. */
  private addLowRank(
    { scale, left, right }: Extract<TensorChange, { kind: "low-rank" }>,
    values: Float64Array,
    first: number,
    count: number,
  ): void {
    const { columns } = this.tensor;
    const rank = right.rows;
    const matrix = this.sources.matrix(right);
    const firstRow = Math.floor(first / columns);
    const rows = Math.floor((first + count - 1) / columns) - firstRow + 1;
    room.left = atLeast(room.left, rows * rank);
    readEntries(this.sources.source(left), left, firstRow * rank, rows * rank, room.left);
    room.sums = atLeast(room.sums, Math.min(columns, count));
    for (let row = 0, at = 0; row < rows; row++) {
      const from = row === 0 ? first - firstRow * columns : 0;
      const length = Math.min(columns - from, count - at);
      const sums = room.sums.fill(0, 0, length);
      let k = 0;
      for (; k + 4 <= rank; k += 4)
        addFourRows(sums, room.left, row * rank + k, matrix, k * columns + from, columns, length);
      for (; k < rank; k++) addRow(sums, room.left[row * rank + k], matrix, k * columns + from, length);
      for (let j = 0; j < length; j++) values[at + j] += scale * sums[j];
      at += length;
    }
  }
}

function addRow(sums: Float64Array, factor: number, matrix: Floats, from: number, length: number): void {
  for (let j = 0; j < length; j++) sums[j] += factor * matrix[from + j];
}

/** The same sums, with a quarter of the reading and writing of `sums`. */
function addFourRows(
  sums: Float64Array,
  left: Float64Array,
  at: number,
  matrix: Floats,
  from: number,
  columns: number,
  length: number,
): void {
  const [a, b, c, d] = [left[at], left[at + 1], left[at + 2], left[at + 3]];
  const [second, third, fourth] = [from + columns, from + 2 * columns, from + 3 * columns];
  for (let j = 0; j < length; j++) {
    const sum = sums[j] + a * matrix[from + j] + b * matrix[second + j];
    sums[j] = sum + c * matrix[third + j] + d * matrix[fourth + j];
  }
}

/** Decodes `count` entries from the `first` on. */
export function readEntries(
  source: ByteSource,
  { begin, dtype }: StoredEntries,
  first: number,
  count: number,
  into: Floats,
): void {
  const size = bytesOf(dtype);
  if (room.bytes.length < count * size) room.bytes = new Uint8Array(count * size);
  const bytes = room.bytes.subarray(0, count * size);
  source.read(begin + first * size, bytes);
  decode(dtype, bytes, into, count);
}

const bytesOf = (dtype: FloatDtype): number => dtypeBytes(dtype) ?? 0;

const atLeast = (values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> =>
  values.length >= length ? values : new Float64Array(length);
