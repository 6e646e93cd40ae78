/**
 * The tasks of the demo: the same ten digits, each task showing them in its own way. All share one label space and
 * one head, so a merged model has to hold all of them in the same weights.
 */
import type { Digits } from "./digits";
import { IMAGE_EDGE, PIXELS } from "./digits";
import { SeededRandom } from "./seededRandom";

export interface Task {
  /** Name of the task's checkpoint folder. */
  name: string;
  description: string;
  /** Writes into `to` what the task makes of the image `from`; both [28 · 28]. */
  transform(from: Float32Array, to: Float32Array): void;
}

/** A task that moves pixels: output pixel (row, column) comes from `source(row, column)`, paper where that is null. */
function movingPixels(
  name: string,
  description: string,
  source: (row: number, column: number) => readonly [number, number] | null,
): Task {
  const indices = Int32Array.from({ length: PIXELS }, (_, pixel) => {
    const [row, column] = source(Math.floor(pixel / IMAGE_EDGE), pixel % IMAGE_EDGE) ?? [-1, -1];
    const inside = row >= 0 && row < IMAGE_EDGE && column >= 0 && column < IMAGE_EDGE;
    return inside ? row * IMAGE_EDGE + column : -1;
  });
  return {
    name,
    description,
    transform(from, to) {
      indices.forEach((index, pixel) => (to[pixel] = index < 0 ? 0 : (from[index] ?? 0)));
    },
  };
}

const LAST = IMAGE_EDGE - 1;
const SHIFT = 7;
const PATCH = 7;
const PATCHES_ACROSS = IMAGE_EDGE / PATCH;
const patchOrder = new SeededRandom(16).permutation(PATCHES_ACROSS ** 2);

const HALF_EDGE = IMAGE_EDGE / 2;

/** Each pixel of the small digit is the mean of 2 × 2. */
const small: Task = {
  name: "small",
  description: "half as large, in the upper left corner",
  transform(from, to) {
    to.fill(0);
    for (let row = 0; row < HALF_EDGE; row++) {
      for (let column = 0; column < HALF_EDGE; column++) {
        const first = 2 * (row * IMAGE_EDGE + column);
        const sum = [first, first + 1, first + IMAGE_EDGE, first + IMAGE_EDGE + 1].reduce(
          (total, pixel) => total + (from[pixel] ?? 0),
          0,
        );
        to[row * IMAGE_EDGE + column] = sum / 4;
      }
    }
  },
};

/** The 16 patches of 7 × 7 pixels in another, fixed order. */
function shuffledSource(row: number, column: number): readonly [number, number] {
  const patch = Math.floor(row / PATCH) * PATCHES_ACROSS + Math.floor(column / PATCH);
  const from = patchOrder[patch] ?? 0;
  return [
    Math.floor(from / PATCHES_ACROSS) * PATCH + (row % PATCH),
    (from % PATCHES_ACROSS) * PATCH + (column % PATCH),
  ];
}

export const TASKS: readonly Task[] = [
  movingPixels("rotated", "turned by a quarter, clockwise", (row, column) => [LAST - column, row]),
  movingPixels("mirrored", "left and right exchanged", (row, column) => [row, LAST - column]),
  movingPixels("upside-down", "top and bottom exchanged", (row, column) => [LAST - row, column]),
  small,
  movingPixels("shifted", `moved ${SHIFT} pixels to the right, what falls off is lost`, (row, column) => [
    row,
    column - SHIFT,
  ]),
  movingPixels("shuffled", "cut into 16 patches that are put together in another order", shuffledSource),
  movingPixels(
    "slanted",
    "each row moved, those at the top to the right, those at the bottom to the left",
    (row, column) => [row, column + Math.round(row - LAST / 2)],
  ),
  movingPixels("striped", "the even rows, then the odd ones", (row, column) => [
    row < HALF_EDGE ? 2 * row : 2 * (row - HALF_EDGE) + 1,
    column,
  ]),
];

/** The digits as `task` shows them; labels are shared. */
export function digitsOfTask(task: Task, digits: Digits): Digits {
  const images = new Float32Array(digits.images.length);
  for (let start = 0; start < images.length; start += PIXELS) {
    task.transform(digits.images.subarray(start, start + PIXELS), images.subarray(start, start + PIXELS));
  }
  return { ...digits, images };
}
