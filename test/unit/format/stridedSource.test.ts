/** A view read through a StridedSource is what gathering it entry by entry gives, whatever part is asked for. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isContiguous, StridedSource } from "../../../src/engine/format/stridedSource";
import type { StridedView } from "../../../src/engine/format/stridedSource";
import type { ByteSource } from "../../../src/engine/io";

/** A file whose bytes follow from their position; counts what is asked of it. */
class Patterned implements ByteSource {
  readonly name = "patterned";
  reads = 0;
  bytes = 0;

  constructor(readonly size: number) {}

  static byteAt = (position: number): number => ((position * 2654435761) >>> 13) & 0xff;

  read(offset: number, target: Uint8Array): void {
    if (offset < 0 || offset + target.length > this.size) throw new Error("outside of the file");
    this.reads++;
    this.bytes += target.length;
    for (let i = 0; i < target.length; i++) target[i] = Patterned.byteAt(offset + i);
  }
}

/** By definition: the place of each entry from its indices. */
function gathered({ begin, shape, strides, elementBytes }: StridedView): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const out = new Uint8Array(count * elementBytes);
  for (let entry = 0; entry < count; entry++) {
    let [rest, at] = [entry, 0];
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      at += (rest % shape[dimension]) * strides[dimension];
      rest = Math.floor(rest / shape[dimension]);
    }
    for (let byte = 0; byte < elementBytes; byte++) {
      out[entry * elementBytes + byte] = Patterned.byteAt(begin + at * elementBytes + byte);
    }
  }
  return out;
}

function fileOf({ begin, shape, strides, elementBytes }: StridedView): Patterned {
  const last = shape.reduce((sum, size, i) => sum + Math.max(0, size - 1) * strides[i], 1);
  return new Patterned(begin + last * elementBytes);
}

const views: fc.Arbitrary<StridedView> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.oneof(fc.nat(8), fc.nat(60), fc.nat(6000))), { maxLength: 4 })
  .chain((dimensions) =>
    fc.record({
      begin: fc.nat(40),
      shape: fc.constant(dimensions.map(([size]) => size)),
      strides: fc.constant(dimensions.map(([, stride]) => stride)),
      elementBytes: fc.constantFrom(1, 2, 4, 8),
    }),
  );

describe("StridedSource", () => {
  it("presents any view as contiguous bytes, in any part", () => {
    fc.assert(
      fc.property(
        views,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (view, a, b) => {
          const expected = gathered(view);
          const source = new StridedSource(fileOf(view), view);
          expect(source.size).toBe(expected.length);
          const count = expected.length / view.elementBytes;
          const [first, last] = [Math.round(a * count), Math.round(b * count)].sort((x, y) => x - y);
          const part = new Uint8Array((last - first) * view.elementBytes);
          source.read(first * view.elementBytes, part);
          expect(part).toEqual(expected.subarray(first * view.elementBytes, last * view.elementBytes));
        },
      ),
      { numRuns: 2000 },
    );
  });

  const large: [string, StridedView, number, number][] = [
    ["a transposed matrix", { begin: 64, shape: [512, 512], strides: [1, 512], elementBytes: 4 }, 1, 4],
    ["every second entry", { begin: 0, shape: [300_000], strides: [2], elementBytes: 8 }, 2, 10],
    ["columns far apart", { begin: 0, shape: [100, 3], strides: [100_000, 1], elementBytes: 4 }, 1, 100],
    ["one row again and again", { begin: 0, shape: [1000, 50], strides: [0, 1], elementBytes: 2 }, 1, 1],
    ["a large block that is whole", { begin: 8, shape: [4, 400_000], strides: [800_000, 1], elementBytes: 4 }, 1, 8],
  ];
  it.each(large)("reads %s in few and not much too large pieces", (_, view, mostBytes, mostReads) => {
    const file = fileOf(view);
    const out = new Uint8Array(view.elementBytes * view.shape.reduce((product, size) => product * size, 1));
    new StridedSource(file, view).read(0, out);
    expect(Buffer.compare(out, gathered(view))).toBe(0);
    expect(file.reads).toBeLessThanOrEqual(mostReads);
    expect(file.bytes).toBeLessThanOrEqual(mostBytes * out.length);
  });

  it("refuses what goes beyond the view or cuts an entry", () => {
    const view = { begin: 0, shape: [2, 2], strides: [1, 2], elementBytes: 4 };
    const source = new StridedSource(fileOf(view), view);
    expect(() => source.read(4, new Uint8Array(16))).toThrow(RangeError);
    expect(() => source.read(2, new Uint8Array(4))).toThrow(RangeError);
  });
});

it("isContiguous sees through dimensions of one entry and of none", () => {
  expect(isContiguous([2, 1, 3], [3, 77, 1])).toBe(true);
  expect(isContiguous([0, 5], [9, 9])).toBe(true);
  expect(isContiguous([], [])).toBe(true);
  expect(isContiguous([2, 3], [1, 2])).toBe(false);
  expect(isContiguous([2], [2])).toBe(false);
  expect(isContiguous([2], [0])).toBe(false);
});
