/**
 * The demo's network: pixels → embedding → residual layers → ten classes.
 *
 *   h₀ = relu(E x + b)      h_{l+1} = h_l + relu(W_l h_l + b_l)      logits = H h_L + b
 *
 * Weights are [out, in], as PyTorch stores them, under names whose layers can be told apart.
 */
import * as tf from "@tensorflow/tfjs-core";
import { CLASSES, PIXELS } from "./digits";
import { SeededRandom } from "./seededRandom";

export const HIDDEN = 256;
export const LAYERS = 3;

/** Tensor name → shape, in the order of the network. */
export const SHAPES: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ["model.embed.weight", [HIDDEN, PIXELS]],
  ["model.embed.bias", [HIDDEN]],
  ...Array.from({ length: LAYERS }, (_, layer): [string, readonly number[]][] => [
    [`model.layers.${layer}.mlp.weight`, [HIDDEN, HIDDEN]],
    [`model.layers.${layer}.mlp.bias`, [HIDDEN]],
  ]).flat(),
  ["classifier.weight", [CLASSES, HIDDEN]],
  ["classifier.bias", [CLASSES]],
]);

/** Tensor name → values, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Random weights: normal with variance 2 / inputs (He et al., 2015); biases 0. */
export function initialWeights(seed: number): Weights {
  const random = new SeededRandom(seed);
  return new Map(
    [...SHAPES].map(([name, [outputs = 0, inputs]]) => {
      if (inputs === undefined) return [name, new Float32Array(outputs)];
      const deviation = Math.sqrt(2 / inputs);
      return [name, Float32Array.from({ length: outputs * inputs }, () => deviation * random.normal())];
    }),
  );
}

/** The network's weights inside TensorFlow.js, to be disposed of. */
export class Network {
  readonly variables: ReadonlyMap<string, tf.Variable>;

  constructor(weights: Weights) {
    this.variables = new Map(
      [...SHAPES].map(([name, shape]) => {
        const values = weights.get(name);
        if (!values) throw new Error(`the checkpoint has no tensor ${name}`);
        return [name, tf.variable(tf.tensor(values, [...shape], "float32"))];
      }),
    );
  }

  /** Images [batch, 28 · 28] → logits [batch, 10]. */
  logits(images: tf.Tensor2D): tf.Tensor2D {
    let hidden = tf.relu(this.linear("model.embed", images, multiplyFixed));
    for (let layer = 0; layer < LAYERS; layer++) {
      hidden = tf.add(hidden, tf.relu(this.linear(`model.layers.${layer}.mlp`, hidden)));
    }
    return this.linear("classifier", hidden);
  }

  weights(): Weights {
    return new Map([...this.variables].map(([name, variable]) => [name, new Float32Array(variable.dataSync())]));
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  /** x Wᵀ + b */
  private linear(name: string, input: tf.Tensor2D, times = multiply): tf.Tensor2D {
    return tf.add(times(input, this.variable(`${name}.weight`)), this.variable(`${name}.bias`));
  }

  private variable<T extends tf.Tensor>(name: string): T {
    return this.variables.get(name) as unknown as T;
  }
}

// The transposes are made before the products, forward and backward: the wasm backend multiplies matrices that it
// has to read transposed several times slower.

/** x Wᵀ of x [batch, in] and W [out, in]. */
const multiply = tf.customGrad((x, weight, save) => {
  // TensorFlow.js types the last argument, its `save`, like the tensors before it.
  const [input, matrix] = [x, weight] as tf.Tensor2D[];
  (save as tf.GradSaveFunc)([input, matrix]);
  return {
    value: product(input, matrix),
    gradFunc: (outer: tf.Tensor2D, saved: tf.Tensor[]) => {
      const [savedInput, savedMatrix] = saved as tf.Tensor2D[];
      return [tf.matMul(outer, savedMatrix), tf.matMul(tf.transpose(outer), savedInput)];
    },
  };
}) as (x: tf.Tensor2D, weight: tf.Tensor2D) => tf.Tensor2D;

/** The same for data x, of which nobody needs the gradient. */
const multiplyFixed = (x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D =>
  tf.customGrad((matrix) => ({
    value: product(x, matrix as tf.Tensor2D),
    gradFunc: (outer: tf.Tensor2D) => tf.matMul(tf.transpose(outer), x),
  }))(weight) as tf.Tensor2D;

const product = (x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D => tf.matMul(x, tf.transpose(weight));
