/** Training: Adam on the cross-entropy of shuffled batches, the learning rate falling linearly to 0. */
import * as tf from "@tensorflow/tfjs-core";
import type { Digits } from "./digits";
import { CLASSES, PIXELS } from "./digits";
import type { Weights } from "./network";
import { Network } from "./network";
import { SeededRandom } from "./seededRandom";

export interface TrainingPlan {
  epochs: number;
  batch: number;
  learningRate: number;
  seed: number;
}

/** `start` trained on `digits`. The same plan and digits give the same weights. */
export function train(start: Weights, digits: Digits, plan: TrainingPlan): Weights {
  const network = new Network(start);
  const optimizer = tf.train.adam(plan.learningRate);
  const random = new SeededRandom(plan.seed);
  const batches = Math.floor(digits.count / plan.batch);
  const steps = plan.epochs * batches;
  for (let step = 0, order: Uint32Array = new Uint32Array(); step < steps; step++) {
    if (step % batches === 0) order = random.permutation(digits.count);
    const first = (step % batches) * plan.batch;
    (optimizer as unknown as { learningRate: number }).learningRate = plan.learningRate * (1 - step / steps);
    learnBatch(network, optimizer, digits, order.subarray(first, first + plan.batch));
  }
  const trained = network.weights();
  optimizer.dispose();
  network.dispose();
  return trained;
}

function learnBatch(network: Network, optimizer: tf.Optimizer, digits: Digits, chosen: Uint32Array): void {
  const images = new Float32Array(chosen.length * PIXELS);
  const labels = new Int32Array(chosen.length);
  chosen.forEach((index, position) => {
    images.set(digits.images.subarray(index * PIXELS, (index + 1) * PIXELS), position * PIXELS);
    labels[position] = digits.labels[index] ?? 0;
  });
  tf.tidy(() => {
    const targets = tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), CLASSES), "float32") as tf.Tensor2D;
    optimizer.applyGradients(network.gradients(tf.tensor2d(images, [chosen.length, PIXELS]), targets));
  });
}
