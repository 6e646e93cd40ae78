/** Memory that is written as a file would be. */
import type { ByteSink } from "../engine/io";

export class MemorySink implements ByteSink {
  readonly name = "";
  private readonly bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.bytes = new Uint8Array(memory);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }
}
