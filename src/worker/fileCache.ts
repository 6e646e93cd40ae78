/** Open files of a worker: inputs read-only, outputs for writing at positions. The least recently used are closed. */
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { ComputedSource, readEntries } from "../engine/format/computedSource";
import type { ComputedTensor, StoredMatrix } from "../engine/format/computedTensor";
import type { Floats } from "../engine/format/decode";
import { StridedSource } from "../engine/format/stridedSource";
import type { StridedView } from "../engine/format/stridedSource";
import type { ByteSink, ByteSource } from "../engine/io";
import { MAX_MATRIX_BYTES } from "../engine/plan/factorMemory";
import { openFileSource } from "../io/fileSource";
import { MemorySink } from "./memorySink";
import { fileError, onFile } from "../io/fileErrors";

/** Files kept open by one worker: well below any system's limit, even with 16 workers. */
const MAX_OPEN_FILES = 48;

/** Entries of a matrix decoded at a time. */
const PIECE_ENTRIES = 1 << 16;

interface Open {
  close(): void;
}

export class FileCache {
  private readonly open = new Map<string, Open>();
  private readonly matrices = new Map<string, Floats>();

  /** The file or, where a view is given, the view's entries one after the other; or what is computed of files. */
  source({ file, view, computed }: { file: string; view?: StridedView; computed?: ComputedTensor }): ByteSource {
    if (computed) return new ComputedSource(computed, this);
    const source = this.get(`r ${file}`, () => openFileSource(file));
    return view ? new StridedSource(source, view) : source;
  }

  /** A matrix, decoded; those used last are kept. */
  matrix(stored: StoredMatrix): Floats {
    // The editor's workers outlive a run, and an adapter is often written again in its place.
    const { mtimeMs } = onFile(stored.file, () => statSync(stored.file));
    const key = JSON.stringify([stored, mtimeMs]);
    const found = this.matrices.get(key);
    if (found) this.matrices.delete(key);
    const matrix = found ?? this.readMatrix(stored);
    this.matrices.set(key, matrix);
    let bytes = [...this.matrices.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    for (const [oldest, unused] of this.matrices) {
      if (bytes <= MAX_MATRIX_BYTES || this.matrices.size === 1) break;
      bytes -= unused.byteLength;
      this.matrices.delete(oldest);
    }
    return matrix;
  }

  private readMatrix(stored: StoredMatrix): Floats {
    const count = stored.rows * stored.columns;
    const matrix = stored.dtype === "F64" ? new Float64Array(count) : new Float32Array(count);
    for (let at = 0; at < count; at += PIECE_ENTRIES) {
      const piece = Math.min(PIECE_ENTRIES, count - at);
      readEntries(this.source(stored), stored, at, piece, matrix.subarray(at, at + piece));
    }
    return matrix;
  }

  /** The file, or the memory where that is given. */
  sink(path: string, memory?: SharedArrayBuffer): ByteSink {
    if (memory) return new MemorySink(memory);
    return this.get(`w ${path}`, () => new FileSink(path));
  }

  closeAll(): void {
    for (const file of this.open.values()) file.close();
    this.open.clear();
    this.matrices.clear();
  }

  private get<T extends Open>(key: string, create: () => T): T {
    const found = this.open.get(key) as T | undefined;
    if (found) this.open.delete(key);
    const file = found ?? create();
    this.open.set(key, file);
    if (this.open.size > MAX_OPEN_FILES) {
      const [oldest, unused] = this.open.entries().next().value as [string, Open];
      this.open.delete(oldest);
      unused.close();
    }
    return file;
  }
}

/** An existing file, written at positions. */
export class FileSink implements ByteSink, Open {
  private readonly handle: number;

  constructor(readonly name: string) {
    this.handle = onFile(name, () => openSync(name, "r+"));
  }

  write(offset: number, bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.handle, bytes, done, bytes.length - done, offset + done);
      }
    } catch (error) {
      throw fileError(error, this.name);
    }
  }

  close(): void {
    closeSync(this.handle);
  }
}
