import type { FloatDtype } from "../../protocol/mergeSet";
import type { ByteSource } from "../io";
import type { RawChunk, RawInput } from "./rawChunk";
import { CHUNK_ELEMENTS } from "./rawChunk";

/** One tensor of one checkpoint: where its entries start in a source. */
export interface TensorInput {
  source: ByteSource;
  /** Offset of entry 0, in bytes. */
  offset: number;
  dtype: FloatDtype;
}

export const BYTES_OF: Readonly<Record<FloatDtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
};

/** Inputs of one chunk together, so that they stay in the second-level cache between reading and computing. */
const CACHED_BYTES = 1 << 20;
const SMALLEST_CHUNK = 1 << 13;

/** Where a reader puts what it reads. */
export interface ReaderRoom {
  /** Buffers of these sizes, valid until the next call. What they hold is undefined. */
  take(sizes: readonly number[]): Uint8Array[];
}

/** Reads the same stretch of a tensor from the base and from every model, chunk by chunk. */
export class ChunkReader {
  /** Entries of one chunk. */
  readonly chunkElements: number;
  private readonly inputs: readonly TensorInput[];
  private readonly buffers: Uint8Array[];
  private last: RawChunk | null = null;

  constructor(
    private readonly base: TensorInput | null,
    models: readonly TensorInput[],
    private readonly wide: boolean,
    room: ReaderRoom,
  ) {
    this.inputs = base ? [base, ...models] : models;
    const bytes = this.inputs.reduce((sum, { dtype }) => sum + BYTES_OF[dtype], 0);
    let elements = CHUNK_ELEMENTS;
    while (elements > SMALLEST_CHUNK && elements * bytes > CACHED_BYTES) elements /= 2;
    this.chunkElements = elements;
    this.buffers = room.take(this.inputs.map(({ dtype }) => BYTES_OF[dtype] * elements));
  }

  /** Entries from `start` on, at most `chunkElements`; valid until the next call. */
  chunk(start: number, count: number): RawChunk {
    // A tensor of one chunk is read once, however often it is gone through.
    if (this.last?.start === start && this.last.count === count) return this.last;
    const all = this.inputs.map(({ source, offset, dtype }, at): RawInput => {
      const size = BYTES_OF[dtype];
      const bytes = this.buffers[at].subarray(0, count * size);
      source.read(offset + start * size, bytes);
      return { dtype, bytes };
    });
    const [base, models] = this.base ? [all[0], all.slice(1)] : [null, all];
    this.last = { count, start, base, models, wide: this.wide };
    return this.last;
  }

  /**
   * Stretches of `length` entries, the first from `start` on and `step` entries from one to the next, as one chunk in
   * which each is filled up with zeros to `room` entries; together no more than `chunkElements`. Its entries stand
   * elsewhere in the tensor than in the chunk, whose `start` is 0. Valid until the next call.
   */
  rows(start: number, rows: number, length: number, step: number, room: number): RawChunk {
    this.last = null;
    const all = this.inputs.map(({ source, offset, dtype }, at): RawInput => {
      const size = BYTES_OF[dtype];
      const bytes = this.buffers[at].subarray(0, rows * room * size);
      if (length === step && length === room) source.read(offset + start * size, bytes);
      else {
        for (let row = 0; row < rows; row++) {
          const [begin, end] = [row * room * size, (row * room + length) * size];
          source.read(offset + (start + row * step) * size, bytes.subarray(begin, end));
          if (length < room) bytes.fill(0, end, begin + room * size);
        }
      }
      return { dtype, bytes };
    });
    const [base, models] = this.base ? [all[0], all.slice(1)] : [null, all];
    return { count: rows * room, start: 0, base, models, wide: this.wide };
  }

  /** Calls `visit` for every chunk of a stretch; chunks are as large as they may be, from its first entry on. */
  forEachChunk(start: number, count: number, visit: (chunk: RawChunk) => void): void {
    this.forEachStretch(start, count, (at, length) => visit(this.chunk(at, length)));
  }

  /** The same without reading. */
  forEachStretch(start: number, count: number, visit: (start: number, count: number) => void): void {
    for (let at = start; at < start + count; at += this.chunkElements) {
      visit(at, Math.min(this.chunkElements, start + count - at));
    }
  }
}

/** Buffers that grow to the largest size asked for and are reused from tensor to tensor. */
export class HeapRoom implements ReaderRoom {
  private readonly buffers: Uint8Array[] = [];

  take(sizes: readonly number[]): Uint8Array[] {
    return sizes.map((size, at) => {
      const buffer = this.buffers[at];
      if (buffer && buffer.length >= size) return buffer.subarray(0, size);
      return (this.buffers[at] = new Uint8Array(size));
    });
  }
}
