/** How the engine reads and writes, whatever lies behind. Calls block: they run on threads that may. */

export interface ByteSource {
  /** For messages: path of the file. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Fills `target` with the bytes from `offset` on. Throws `read-failed` when there are fewer. */
  read(offset: number, target: Uint8Array): void;
}

export interface ByteSink {
  readonly name: string;
  write(offset: number, bytes: Uint8Array): void;
}
