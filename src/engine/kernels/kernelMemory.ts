import { HeapRoom, type ReaderRoom } from "./chunkReader";
import { OUTPUT, OUTPUT_BYTES, ROOM } from "./assembly/memory";

const PAGE_BYTES = 1 << 16;
/** Buffers begin at a cache line; one line more keeps those of equal size from sharing cache sets. */
const LINE_BYTES = 64;
/** Room for what is read: the inputs of a chunk, or a sample. */
const ROOM_BYTES = 1 << 24;
/** Pages are only taken from the system when they are written to. */
const BYTES = ROOM + ROOM_BYTES;

/**
 * The memory of the SIMD kernels. It never grows, since growing would take away the views of it. What is read
 * into its room, and encoded into its output, need not be copied.
 */
export class KernelMemory implements ReaderRoom {
  readonly memory = new WebAssembly.Memory({
    initial: Math.ceil(BYTES / PAGE_BYTES),
    maximum: Math.ceil(BYTES / PAGE_BYTES),
  });
  /** Holds one encoded chunk of any dtype. */
  readonly output = new Uint8Array(this.memory.buffer, OUTPUT, OUTPUT_BYTES);
  private readonly bytes = new Uint8Array(this.memory.buffer);
  private readonly heap = new HeapRoom();

  take(sizes: readonly number[]): Uint8Array[] {
    let end = ROOM;
    const buffers = sizes.map((size) => {
      const begin = end;
      end = (Math.ceil((begin + size) / LINE_BYTES) + 1) * LINE_BYTES;
      return this.bytes.subarray(begin, begin + size);
    });
    return end <= this.bytes.length ? buffers : this.heap.take(sizes);
  }

  /** Address of bytes of this memory, or −1. */
  addressOf(bytes: Uint8Array | Uint32Array): number {
    return bytes.buffer === this.memory.buffer ? bytes.byteOffset : -1;
  }

  bytesAt(address: number, length: number): Uint8Array {
    return this.bytes.subarray(address, address + length);
  }

  /** Copies bytes to an address. */
  put(address: number, bytes: Uint8Array): number {
    this.bytes.set(bytes, address);
    return address;
  }
}
