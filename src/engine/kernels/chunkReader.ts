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

/** A tensor is held whole, base and models together, up to this size; larger ones are read again when needed. */
export const MAX_RESIDENT_BYTES = 2 ** 26;

export const BYTES_OF: Readonly<Record<FloatDtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
};

/** Where a reader puts what it reads. */
export interface ReaderRoom {
  /** Buffers of these sizes, valid until the next call. What they hold is undefined. */
  take(sizes: readonly number[]): Uint8Array[];
}

/** Reads the same stretch of a tensor from the base and from every model, chunk by chunk. */
export class ChunkReader {
  private buffers: Uint8Array[];
  private resident = false;

  constructor(
    private readonly base: TensorInput | null,
    private readonly models: readonly TensorInput[],
    private readonly elements: number,
    private readonly wide: boolean,
    private readonly room: ReaderRoom,
  ) {
    this.buffers = this.room.take(this.inputs().map(({ dtype }) => BYTES_OF[dtype] * CHUNK_ELEMENTS));
  }

  /** Reads everything once; chunks are then views of memory. */
  load(): void {
    this.buffers = this.room.take(this.inputs().map(({ dtype }) => BYTES_OF[dtype] * this.elements));
    this.inputs().forEach(({ source, offset }, at) => source.read(offset, this.buffers[at]));
    this.resident = true;
  }

  /** Entries from `start` on, at most CHUNK_ELEMENTS; valid until the next call. */
  chunk(start: number, count: number): RawChunk {
    const all = this.inputs().map((input, at) => this.bytesOf(input, at, start, count));
    const [base, models] = this.base ? [all[0], all.slice(1)] : [null, all];
    return { count, start, base, models, wide: this.wide };
  }

  private inputs(): TensorInput[] {
    return this.base ? [this.base, ...this.models] : [...this.models];
  }

  private bytesOf({ source, offset, dtype }: TensorInput, at: number, start: number, count: number): RawInput {
    const size = BYTES_OF[dtype];
    if (this.resident) return { dtype, bytes: this.buffers[at].subarray(start * size, (start + count) * size) };
    const bytes = this.buffers[at].subarray(0, count * size);
    source.read(offset + start * size, bytes);
    return { dtype, bytes };
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

/** Calls `visit` for every chunk of a stretch; chunks are as large as they may be, from its first entry on. */
export function forEachChunk(start: number, count: number, visit: (start: number, count: number) => void): void {
  for (let at = start; at < start + count; at += CHUNK_ELEMENTS) {
    visit(at, Math.min(CHUNK_ELEMENTS, start + count - at));
  }
}
