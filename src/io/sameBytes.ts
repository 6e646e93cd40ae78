/** Whether two tensors in files hold the same bytes. */
import type { TensorRef } from "../engine/format/checkpoint";
import { StridedSource } from "../engine/format/stridedSource";
import type { ByteSource } from "../engine/io";
import { openFileSource } from "./fileSource";

/** Bytes of each that are compared at a time. */
const STEP = 1 << 20;

/**
 * Two that share their place in a file are the same without being read; others are read up to where they differ.
 * What an adapter makes of a weight is the same only where it is made of the same.
 */
export function sameBytes(one: TensorRef, other: TensorRef): boolean {
  const size = one.end - one.begin;
  if (one.dtype !== other.dtype || one.shape.join() !== other.shape.join()) return false;
  if (placeOf(one) === placeOf(other)) return true;
  if (one.computed || other.computed) return false;
  return withSource(one, (first) =>
    withSource(other, (second) => {
      const [mine, theirs] = [new Uint8Array(STEP), new Uint8Array(STEP)];
      for (let at = 0; at < size; at += STEP) {
        const length = Math.min(STEP, size - at);
        first.read(one.begin + at, mine.subarray(0, length));
        second.read(other.begin + at, theirs.subarray(0, length));
        if (Buffer.compare(mine.subarray(0, length), theirs.subarray(0, length)) !== 0) return false;
      }
      return true;
    }),
  );
}

const placeOf = ({ file, begin, end, view, computed }: TensorRef): string =>
  JSON.stringify([file, begin, end, view, computed]);

function withSource<T>({ file, view }: TensorRef, use: (source: ByteSource) => T): T {
  const source = openFileSource(file);
  try {
    return use(view ? new StridedSource(source, view) : source);
  } finally {
    source.close();
  }
}
