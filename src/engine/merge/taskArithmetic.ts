import { scale } from "./scale";
import type { Values } from "./values";
import { sumOfWeights, weightedSum } from "./weightedSum";

/**
 * Task arithmetic (Ilharco et al., ICLR 2023): θ₀ + λ·Σ w_t τ_t into `out`; with `normalize`, Σ w_t τ_t / Σ w_t.
 * @param merged scratch for one chunk; holds the merged task vector afterwards.
 */
export function taskArithmetic(
  base: Values,
  taskVectors: readonly Values[],
  weights: readonly number[],
  lambda: number,
  normalize: boolean,
  count: number,
  merged: Values,
  product: Values,
  out: Values,
): void {
  weightedSum(taskVectors, weights, count, product, merged);
  if (normalize) {
    const total = sumOfWeights(weights, out instanceof Float64Array);
    for (let i = 0; i < count; i++) merged[i] /= total;
  }
  scale(base, merged, lambda, count, out);
}
