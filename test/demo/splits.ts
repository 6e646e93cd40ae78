/** Which of the digits serve for what. No image is in two parts. */
import type { Digits } from "./digits";
import { readDigits } from "./digits";
import type { Task } from "./tasks";
import { digitsOfTask, TASKS } from "./tasks";

const BASE_IMAGES = 20_000;
const FINE_TUNE_IMAGES = 8_000;
/** Images of each task that the base sees: enough to have met the tasks, far too few to be good at them. */
const GLIMPSE_IMAGES = 300;

/**
 * Upright digits, and a glimpse of each task. Merging works on models that stay near a base which half knows their
 * tasks, as the pre-trained models of the paper do; from a base that has never seen them, every method fails alike.
 */
export function baseDigits(): Digits {
  const upright = readDigits("train", 0, BASE_IMAGES);
  const glimpses = TASKS.map((task, index) =>
    digitsOfTask(task, readDigits("train", index * GLIMPSE_IMAGES, (index + 1) * GLIMPSE_IMAGES)),
  );
  return concatenate([upright, ...glimpses]);
}

export const fineTuneDigits = (task: Task): Digits =>
  digitsOfTask(task, readDigits("train", BASE_IMAGES, BASE_IMAGES + FINE_TUNE_IMAGES));

/** Training images of a task that its Gram matrices are computed from, and its Fisher values: these cost ten times as much. */
export const GRAM_IMAGES = 2_000;
export const FISHER_IMAGES = 500;

/** The first of the images that a fine-tune was trained on. */
export const statisticsDigits = (task: Task, count: number): Digits =>
  digitsOfTask(task, readDigits("train", BASE_IMAGES, BASE_IMAGES + count));

/** Held out for choosing λ: one set a task. */
export const validationDigits = (): Digits[] => tasksOf(readDigits("train", 50_000, 51_000));

/** Those of them that the table of all numbers of tasks is made of: it has seven times as many merges. */
export const SWEEP_IMAGES = 1_000;

/** Held out for the table: one set a task. Half of MNIST's test images are by other writers; these are from both halves. */
export const testDigits = (): Digits[] => tasksOf(uprightTestDigits());

/** The first of them. */
export const sweepDigits = (): Digits[] => tasksOf(readDigits("t10k", 3_750, 3_750 + SWEEP_IMAGES));

export const uprightTestDigits = (): Digits => readDigits("t10k", 3_750, 6_250);

const tasksOf = (digits: Digits): Digits[] => TASKS.map((task) => digitsOfTask(task, digits));

function concatenate(parts: readonly Digits[]): Digits {
  const images = new Float32Array(parts.reduce((sum, part) => sum + part.images.length, 0));
  let offset = 0;
  for (const part of parts) {
    images.set(part.images, offset);
    offset += part.images.length;
  }
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    images,
    labels: Int32Array.from(parts.flatMap((part) => [...part.labels])),
  };
}
