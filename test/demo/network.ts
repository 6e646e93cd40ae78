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

const layerName = (layer: number): string => `model.layers.${layer}.mlp`;

/** Tensor name → shape, in the order of the network. */
export const SHAPES: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ["model.embed.weight", [HIDDEN, PIXELS]],
  ["model.embed.bias", [HIDDEN]],
  ...Array.from({ length: LAYERS }, (_, layer): [string, readonly number[]][] => [
    [`${layerName(layer)}.weight`, [HIDDEN, HIDDEN]],
    [`${layerName(layer)}.bias`, [HIDDEN]],
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

interface Forward {
  /** h₀ … h_L, each [batch, HIDDEN]. */
  hidden: tf.Tensor2D[];
  /** relu(W_l h_l + b_l) of each layer, [batch, HIDDEN]. */
  added: tf.Tensor2D[];
  /** [batch, 10] */
  logits: tf.Tensor2D;
}

/** The network inside TensorFlow.js; its variables are to be disposed of. One at a time: their names are global. */
export class Network {
  private readonly variables: ReadonlyMap<string, tf.Variable>;

  constructor(weights: Weights) {
    this.variables = new Map(
      [...SHAPES].map(([name, shape]) => {
        const values = weights.get(name);
        if (!values) throw new Error(`the checkpoint has no tensor ${name}`);
        return [name, tf.variable(tf.tensor(values, [...shape], "float32"), true, name)];
      }),
    );
  }

  /** Images [batch, 28 · 28] → logits [batch, 10]. */
  logits(images: tf.Tensor2D): tf.Tensor2D {
    return this.forward(images).logits;
  }

  /** Gradient of the mean cross-entropy by each variable. `targets` is one-hot, [batch, 10]. */
  gradients(images: tf.Tensor2D, targets: tf.Tensor2D): Record<string, tf.Tensor> {
    const { hidden, added, logits } = this.forward(images);
    const gradients: Record<string, tf.Tensor> = {};
    /** `outer`: the gradient by the layer's output. */
    const linearBackward = (name: string, input: tf.Tensor2D, outer: tf.Tensor2D): void => {
      gradients[`${name}.weight`] = tf.matMul(tf.transpose(outer), input);
      gradients[`${name}.bias`] = tf.sum(outer, 0);
    };
    let outer: tf.Tensor2D = tf.div(tf.sub(tf.softmax(logits), targets), images.shape[0]);
    linearBackward("classifier", hidden[LAYERS], outer);
    outer = tf.matMul(outer, this.variable("classifier.weight"));
    for (let layer = LAYERS - 1; layer >= 0; layer--) {
      const inner: tf.Tensor2D = tf.mul(outer, tf.step(added[layer]));
      linearBackward(layerName(layer), hidden[layer], inner);
      outer = tf.add(outer, tf.matMul(inner, this.variable(`${layerName(layer)}.weight`)));
    }
    linearBackward("model.embed", images, tf.mul(outer, tf.step(hidden[0])));
    return gradients;
  }

  weights(): Weights {
    return new Map([...this.variables].map(([name, variable]) => [name, new Float32Array(variable.dataSync())]));
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  private forward(images: tf.Tensor2D): Forward {
    const hidden = [tf.relu(this.linear("model.embed", images))];
    const added: tf.Tensor2D[] = [];
    for (let layer = 0; layer < LAYERS; layer++) {
      added.push(tf.relu(this.linear(layerName(layer), hidden[layer])));
      hidden.push(tf.add(hidden[layer], added[layer]));
    }
    return { hidden, added, logits: this.linear("classifier", hidden[LAYERS]) };
  }

  /** x Wᵀ + b. Transposed before the product: the wasm backend reads a transposed matrix several times slower. */
  private linear(name: string, input: tf.Tensor2D): tf.Tensor2D {
    const product = tf.matMul(input, tf.transpose(this.variable(`${name}.weight`)));
    return tf.add(product, this.variable(`${name}.bias`));
  }

  private variable(name: string): tf.Tensor2D {
    return this.variables.get(name) as unknown as tf.Tensor2D;
  }
}
