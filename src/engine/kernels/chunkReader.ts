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
export const MAX_RESIDENT_BYTES = 3 * 2 ** 24;

export const BYTES_OF: Readonly<Record<FloatDtype, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/** Entries that a sample takes together: a cache line or two. */
const SAMPLE_BLOCK = 16;

/** Where a reader puts what it reads. */
export interface ReaderRoom {
  /** Buffers of these sizes, valid until the next call. What they hold is undefined. */
  take(sizes: readonly number[]): Uint8Array[];
}

/** Reads the same stretch of a tensor from the base and from every model, chunk by chunk. */
export class ChunkReader {
  private buffers: Uint8Array[];
  private sampleBuffers: Uint8Array[] = [];
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

  /** Reads everything once; chunks are then views of memory. With room for a sample, in entries. */
  load(sampled: number): void {
    const sizes = this.inputs().map(({ dtype }) => BYTES_OF[dtype]);
    const buffers = this.room.take([
      ...sizes.map((size) => size * this.elements),
      ...(sampled > 0 ? sizes.map((size) => size * sampled) : []),
    ]);
    this.buffers = buffers.slice(0, sizes.length);
    this.sampleBuffers = buffers.slice(sizes.length);
    this.inputs().forEach(({ source, offset }, at) => source.read(offset, this.buffers[at]));
    this.resident = true;
  }

  /**
   * A sample of what was loaded, as many entries as `load` made room for: blocks from all over the tensor, dealt
   * out to `groups` chunks.
   */
  sample(sampled: number, groups: number): RawChunk[] {
    const blocks = Math.floor(sampled / SAMPLE_BLOCK / groups);
    const count = blocks * SAMPLE_BLOCK;
    const chunks = this.inputs().map(({ dtype }, at) => {
      const size = BYTES_OF[dtype];
      gather(this.buffers[at], this.sampleBuffers[at], SAMPLE_BLOCK * size, groups, blocks);
      return Array.from({ length: groups }, (_, group): RawInput => {
        const begin = group * count * size;
        return { dtype, bytes: this.sampleBuffers[at].subarray(begin, begin + count * size) };
      });
    });
    return Array.from({ length: groups }, (_, group) => {
      const inputs = chunks.map((own) => own[group]);
      const [base, models] = this.base ? [inputs[0], inputs.slice(1)] : [null, inputs];
      return { count, start: 0, base, models, wide: this.wide };
    });
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

/** Copies `blocks` blocks a group from equal distances; the groups take turns, and each lies together in `to`. */
function gather(from: Uint8Array, to: Uint8Array, bytes: number, groups: number, blocks: number): void {
  const words = bytes / 4;
  const source = new Uint32Array(from.buffer, from.byteOffset, from.length >>> 2);
  const target = new Uint32Array(to.buffer, to.byteOffset, to.length >>> 2);
  const all = groups * blocks;
  const distance = from.length / bytes / all;
  for (let block = 0; block < all; block++) {
    const begin = Math.floor(block * distance) * words;
    const place = ((block % groups) * blocks + Math.floor(block / groups)) * words;
    for (let word = 0; word < words; word++) target[place + word] = source[begin + word];
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
