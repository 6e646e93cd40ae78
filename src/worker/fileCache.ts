/** Open files of a worker: inputs read-only, outputs for writing at positions. The least recently used are closed. */
import { closeSync, openSync, writeSync } from "node:fs";
import { StridedSource } from "../engine/format/stridedSource";
import type { StridedView } from "../engine/format/stridedSource";
import type { ByteSink, ByteSource } from "../engine/io";
import { openFileSource } from "../io/fileSource";
import { fileError, onFile } from "../io/fileErrors";

/** Files kept open by one worker: well below any system's limit, even with 16 workers. */
const MAX_OPEN_FILES = 48;

interface Open {
  close(): void;
}

export class FileCache {
  private readonly open = new Map<string, Open>();

  /** The file or, where a view is given, the view's entries one after the other. */
  source({ file, view }: { file: string; view?: StridedView }): ByteSource {
    const source = this.get(`r ${file}`, () => openFileSource(file));
    return view ? new StridedSource(source, view) : source;
  }

  sink(path: string): ByteSink {
    return this.get(`w ${path}`, () => new FileSink(path));
  }

  closeAll(): void {
    for (const file of this.open.values()) file.close();
    this.open.clear();
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
