/**
 * Hands what is written to the disk while more is computed: the flush at the end then has little left to do. The
 * files must not be renamed before `settle`.
 */
import { open } from "node:fs/promises";
import { fileError } from "./fileErrors";

/** Bytes of one file after which a flush begins. */
const FLUSH_BYTES = 1 << 25;

export class WriteBehind {
  private readonly pending = new Map<string, number>();
  private flushing: Promise<void> | null = null;
  private failure: { error: unknown } | null = null;

  /** So many bytes more of a file were written. */
  wrote(file: string, bytes: number): void {
    this.pending.set(file, (this.pending.get(file) ?? 0) + bytes);
    this.flushing ??= this.flush().finally(() => (this.flushing = null));
  }

  /** Waits for the flush under way. Throws what a flush failed with: the system tells it only once. */
  async settle(): Promise<void> {
    await this.flushing;
    if (this.failure) throw this.failure.error;
  }

  private async flush(): Promise<void> {
    for (let file = this.nextFile(); file !== undefined; file = this.nextFile()) {
      this.pending.delete(file);
      try {
        const handle = await open(file, "r+");
        await handle.datasync().finally(() => handle.close());
      } catch (error) {
        this.failure ??= { error: fileError(error, file) };
      }
    }
  }

  private nextFile(): string | undefined {
    for (const [file, bytes] of this.pending) if (bytes >= FLUSH_BYTES) return file;
    return undefined;
  }
}
