/** Accuracy: the share of images whose largest logit is that of their label. */
import * as tf from "@tensorflow/tfjs-core";
import type { Digits } from "./digits";
import { PIXELS } from "./digits";
import type { Weights } from "./network";
import { Network } from "./network";

const BATCH = 500;

/** Accuracy of one model on each set of digits, 0 to 1. */
export function accuracies(weights: Weights, sets: readonly Digits[]): number[] {
  const network = new Network(weights);
  const result = sets.map((digits) => correct(network, digits) / digits.count);
  network.dispose();
  return result;
}

function correct(network: Network, digits: Digits): number {
  let count = 0;
  for (let first = 0; first < digits.count; first += BATCH) {
    const size = Math.min(BATCH, digits.count - first);
    const predicted = tf.tidy(() => {
      const images = digits.images.subarray(first * PIXELS, (first + size) * PIXELS);
      return tf.argMax(network.logits(tf.tensor2d(images, [size, PIXELS])), 1).dataSync();
    });
    predicted.forEach((label, index) => (count += label === digits.labels[first + index] ? 1 : 0));
  }
  return count;
}
