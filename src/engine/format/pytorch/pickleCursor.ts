/** A pickle's bytes, read in windows from wherever they lie. What is skipped is never read. */
import { MergeError } from "../../../protocol/errors";
import type { ByteSource } from "../../io";
import { MAX_PICKLE_BYTES } from "./pickleBudget";
import type { PickleBudget } from "./pickleBudget";

const WINDOW_BYTES = 1 << 16;
/** Longest line of a `GLOBAL`: a module's or a class's name. */
const MAX_LINE_BYTES = 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class PickleCursor {
  private window = new Uint8Array(0);
  /** Position in the file of the window's first byte. */
  private windowBegin: number;
  private at = 0;
  /** Without what was skipped. */
  private bytesRead = 0;

  /** From `begin` of the source up to `end`. */
  constructor(
    private readonly source: ByteSource,
    begin: number,
    private readonly end: number,
    readonly budget: PickleBudget,
  ) {
    this.windowBegin = begin;
  }

  /** Position in the file of the next byte. */
  get position(): number {
    return this.windowBegin + this.at;
  }

  byte(): number {
    if (this.at === this.window.length) this.fill(1);
    return this.window[this.at++];
  }

  /** The next bytes; valid until the next call. */
  take(length: number): Uint8Array {
    if (length > this.window.length - this.at) this.fill(length);
    const bytes = this.window.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  skip(length: number): void {
    if (length > this.end - this.position) this.tooShort();
    if (length <= this.window.length - this.at) {
      this.at += length;
      return;
    }
    this.bytesRead -= this.window.length - this.at;
    this.windowBegin = this.position + length;
    this.window = new Uint8Array(0);
    this.at = 0;
  }

  /** An unsigned whole number of `bytes` bytes, little-endian. */
  unsigned(bytes: 1 | 2 | 4 | 8): number {
    const taken = this.take(bytes);
    let value = 0;
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + taken[i];
    if (!Number.isSafeInteger(value)) this.budget.damaged("a length is larger than any file");
    return value;
  }

  /** Text of so many bytes of UTF-8. */
  text(length: number): string {
    if (length > this.end - this.position) this.tooShort();
    this.budget.spend(2 * length);
    return this.decoded(this.take(length));
  }

  /** Text up to the end of the line, which is passed. */
  line(): string {
    const codes: number[] = [];
    for (let code = this.byte(); code !== 0x0a; code = this.byte()) {
      if (codes.push(code) > MAX_LINE_BYTES) this.budget.damaged("a name of the pickle is too long");
    }
    return this.decoded(Uint8Array.from(codes));
  }

  private decoded(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      return this.budget.damaged("a text of the pickle is not UTF-8");
    }
  }

  /** Reads a window that begins here and holds at least `length` bytes. */
  private fill(length: number): void {
    const begin = this.position;
    const available = this.end - begin;
    if (length > available) this.tooShort();
    const size = Math.min(Math.max(length, WINDOW_BYTES), available);
    this.bytesRead += size - (this.window.length - this.at);
    if (this.bytesRead > MAX_PICKLE_BYTES) {
      throw new MergeError("pytorch-pickle-limit", { where: this.budget.where, limit: MAX_PICKLE_BYTES });
    }
    if (this.window.length !== size) this.window = new Uint8Array(size);
    this.source.read(begin, this.window);
    this.windowBegin = begin;
    this.at = 0;
  }

  private tooShort(): never {
    return this.budget.damaged("the pickle ends too early");
  }
}
