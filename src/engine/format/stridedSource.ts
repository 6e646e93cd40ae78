/** A view of a file by strides, as if its entries lay one after the other: gathered by ranged reads as it is read. */
import type { ByteSource } from "../io";

/** Where the entries of a tensor lie that are not one contiguous range of the file. */
export interface StridedView {
  /** Position in the file of the first entry. */
  begin: number;
  shape: number[];
  /** From one entry to the next along each dimension, in entries, from 0 on. */
  strides: number[];
  elementBytes: number;
}

/** One dimension of a box: entries, distance in the file, distance in the target; all in entries. */
interface Dimension {
  size: number;
  stride: number;
  step: number;
}

/** Bytes read at a time, gaps between the entries included. */
const WINDOW_BYTES = 1 << 20;
/** Reading over a gap costs less than another call up to about this many bytes. */
const GAP_BYTES = 1 << 13;

/** One window a thread: reads block. */
let windowBytes: Uint8Array | null = null;

/** Whether entries with these strides lie one after the other, in row-major order. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
    if (shape[dimension] !== 1 && strides[dimension] !== expected) return false;
    expected *= shape[dimension];
  }
  return true;
}

export class StridedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly dimensions: Dimension[];

  constructor(
    private readonly file: ByteSource,
    private readonly view: StridedView,
  ) {
    this.name = file.name;
    this.dimensions = dimensionsOf(view);
    this.size = view.elementBytes * view.shape.reduce((product, size) => product * size, 1);
  }

  /** Both ends must lie between entries. */
  read(offset: number, target: Uint8Array): void {
    const { elementBytes } = this.view;
    const first = offset / elementBytes;
    const count = target.length / elementBytes;
    if (!Number.isInteger(first) || !Number.isInteger(count) || offset + target.length > this.size) {
      throw new RangeError(`${this.name}: a view is read from ${offset} on, ${target.length} bytes`);
    }
    if (count > 0) this.readRows(0, 0, first, count, target, 0);
  }

  /**
   * Entries first … first + count − 1 of dimensions `level` and above, which begin at entry `from` of the file:
   * the rest of a first row, whole rows, the beginning of a last one. `to` counts entries of the target.
   */
  private readRows(level: number, from: number, first: number, count: number, target: Uint8Array, to: number): void {
    const { dimensions } = this;
    if (level === dimensions.length) return this.readBox([], from, target, to);
    const { step: rowSize, stride } = dimensions[level];
    let row = Math.floor(first / rowSize);
    const skipped = first - row * rowSize;
    let done = 0;
    if (skipped > 0) {
      done = Math.min(count, rowSize - skipped);
      this.readRows(level + 1, from + row * stride, skipped, done, target, to);
      row++;
    }
    const rows = Math.floor((count - done) / rowSize);
    if (rows > 0) {
      const box = [{ ...dimensions[level], size: rows }, ...dimensions.slice(level + 1)];
      // Along the file, farthest first.
      this.readBox(
        box.sort((a, b) => b.stride - a.stride),
        from + row * stride,
        target,
        to + done,
      );
      done += rows * rowSize;
      row += rows;
    }
    if (done < count) this.readRows(level + 1, from + row * stride, 0, count - done, target, to + done);
  }

  /** As many of the box's farthest-apart parts with one read as fit the window and lie close enough. */
  private readBox(box: readonly Dimension[], from: number, target: Uint8Array, to: number): void {
    const { elementBytes } = this.view;
    const [outer, ...inner] = box;
    if (outer === undefined) return this.gather([], from, 1, target, to);
    const innerSpan = spanOf(inner);
    const most = WINDOW_BYTES / elementBytes;
    const fits = innerSpan > most ? 0 : Math.floor((most - innerSpan) / outer.stride) + 1; // Infinity at stride 0
    const closeEnough = (outer.stride - innerSpan) * elementBytes <= GAP_BYTES;
    const together = closeEnough ? Math.min(fits, outer.size) : Math.min(fits, 1);
    for (let index = 0; index < outer.size; index += Math.max(together, 1)) {
      const [begin, into] = [from + index * outer.stride, to + index * outer.step];
      const size = Math.min(together, outer.size - index);
      if (together <= 1) this.readBox(inner, begin, target, into);
      else this.gather([{ ...outer, size }, ...inner], begin, (size - 1) * outer.stride + innerSpan, target, into);
    }
  }

  /** Reads `span` entries of the file and puts those of the box where they belong. */
  private gather(box: readonly Dimension[], from: number, span: number, target: Uint8Array, to: number): void {
    const { begin, elementBytes } = this.view;
    const position = begin + from * elementBytes;
    if (box.every(({ stride, step }) => stride === step) && span === countOf(box)) {
      this.file.read(position, target.subarray(to * elementBytes, (to + span) * elementBytes));
      return;
    }
    windowBytes ??= new Uint8Array(WINDOW_BYTES);
    const window = windowBytes.subarray(0, span * elementBytes);
    this.file.read(position, window);
    scatter(box, 0, window, 0, target, to, elementBytes);
  }
}

function scatter(
  box: readonly Dimension[],
  level: number,
  window: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  bytes: number,
): void {
  if (level === box.length) {
    for (let byte = 0; byte < bytes; byte++) target[to * bytes + byte] = window[from * bytes + byte];
    return;
  }
  const { size, stride, step } = box[level];
  for (let index = 0; index < size; index++) {
    scatter(box, level + 1, window, from + index * stride, target, to + index * step, bytes);
  }
}

/** Entries of the file from the first to the last of a box. */
const spanOf = (box: readonly Dimension[]): number =>
  box.reduce((span, { size, stride }) => span + (size - 1) * stride, 1);

const countOf = (box: readonly Dimension[]): number => box.reduce((count, { size }) => count * size, 1);

/** Those with more than one entry, neighbours joined where they are one run; `step` is the size of a row below. */
function dimensionsOf({ shape, strides }: StridedView): Dimension[] {
  const dimensions: Dimension[] = [];
  let step = 1;
  for (let at = shape.length - 1; at >= 0; at--) {
    const below = dimensions[0];
    const [size, stride] = [shape[at], strides[at]];
    if (size > 1 && below && stride === below.stride * below.size) below.size *= size;
    else if (size > 1) dimensions.unshift({ size, stride, step });
    step *= size;
  }
  return dimensions;
}
