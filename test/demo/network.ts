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
    const forward = this.forward(images);
    const gradients: Record<string, tf.Tensor> = {};
    const outer: tf.Tensor2D = tf.div(tf.sub(tf.softmax(forward.logits), targets), images.shape[0]);
    this.backward(images, forward, outer, (name, input, delta) => {
      gradients[`${name}.weight`] = tf.matMul(tf.transpose(delta), input);
      gradients[`${name}.bias`] = tf.sum(delta, 0);
    });
    return gradients;
  }

  /**
   * Sums over the images of the diagonal of the Fisher information: Σ_x Σ_y p(y|x)·(∂ log p(y|x) / ∂θ)², the labels
   * being those that the network itself expects. A weight's gradient of one image is δ·xᵀ, its square δ²·(x²)ᵀ.
   */
  fisher(images: tf.Tensor2D): Record<string, tf.Tensor> {
    const forward = this.forward(images);
    const probabilities = tf.softmax(forward.logits);
    const sums: Record<string, tf.Tensor> = {};
    const add = (name: string, value: tf.Tensor): void => {
      sums[name] = name in sums ? tf.add(sums[name], value) : value;
    };
    for (let label = 0; label < CLASSES; label++) {
      const target = tf.oneHot(tf.tensor1d([label], "int32"), CLASSES);
      const share = tf.sqrt(tf.slice(probabilities, [0, label], [-1, 1]));
      const outer: tf.Tensor2D = tf.mul(tf.sub(probabilities, target), share);
      this.backward(images, forward, outer, (name, input, delta) => {
        const squares = tf.square(delta);
        add(`${name}.weight`, tf.matMul(tf.transpose(squares), tf.square(input)));
        add(`${name}.bias`, tf.sum(squares, 0));
      });
    }
    return sums;
  }

  /** XᵀX of the inputs X of every weight, [in, in]. */
  gram(images: tf.Tensor2D): Record<string, tf.Tensor> {
    const { hidden } = this.forward(images);
    const gram = (input: tf.Tensor2D): tf.Tensor => tf.matMul(tf.transpose(input), input);
    return {
      "model.embed.weight": gram(images),
      ...Object.fromEntries(
        Array.from({ length: LAYERS }, (_, layer) => [`${layerName(layer)}.weight`, gram(hidden[layer])]),
      ),
      "classifier.weight": gram(hidden[LAYERS]),
    };
  }

  weights(): Weights {
    return new Map([...this.variables].map(([name, variable]) => [name, new Float32Array(variable.dataSync())]));
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  /** Visits every layer from the last to the first: its name, its input, and `delta`, the gradient by its output. */
  private backward(
    images: tf.Tensor2D,
    { hidden, added }: Forward,
    outerOfLogits: tf.Tensor2D,
    visit: (name: string, input: tf.Tensor2D, delta: tf.Tensor2D) => void,
  ): void {
    visit("classifier", hidden[LAYERS], outerOfLogits);
    let outer: tf.Tensor2D = tf.matMul(outerOfLogits, this.variable("classifier.weight"));
    for (let layer = LAYERS - 1; layer >= 0; layer--) {
      const inner: tf.Tensor2D = tf.mul(outer, tf.step(added[layer]));
      visit(layerName(layer), hidden[layer], inner);
      outer = tf.add(outer, tf.matMul(inner, this.variable(`${layerName(layer)}.weight`)));
    }
    visit("model.embed", images, tf.mul(outer, tf.step(hidden[0])));
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
