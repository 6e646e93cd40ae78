/** An append-only file of JSON lines. A line that a crash cut off, and whatever follows it, counts as not written. */
import { closeSync, existsSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { onFile } from "./fileErrors";
import { readWholeFile } from "./fileSource";

export class Journal {
  private readonly records: unknown[] = [];
  private readonly descriptor: number;
  private open = true;

  /** Opens the journal at `path`, made where it is missing. */
  constructor(private readonly path: string) {
    const bytes = existsSync(path) ? readWholeFile(path) : new Uint8Array();
    const whole = this.readWholeLines(bytes);
    this.descriptor = onFile(path, () => openSync(path, "a"));
    // Otherwise the next record would be appended to the torn line and be lost with it.
    if (whole < bytes.length) onFile(path, () => ftruncateSync(this.descriptor, whole));
  }

  /** The records of earlier runs; those of this one are not held in memory. */
  read(): unknown[] {
    return [...this.records];
  }

  /** Appends a record; it survives the process as soon as this returns. */
  append(record: unknown): void {
    const line = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
    onFile(this.path, () => {
      for (let done = 0; done < line.length;) done += writeSync(this.descriptor, line, done, line.length - done);
    });
  }

  close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }

  /** Takes the records up to the first line that is not whole; the bytes they fill. */
  private readWholeLines(bytes: Uint8Array): number {
    let begin = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
      try {
        this.records.push(JSON.parse(new TextDecoder().decode(bytes.subarray(begin, end))));
      } catch {
        break;
      }
      begin = end + 1;
    }
    return begin;
  }
}
