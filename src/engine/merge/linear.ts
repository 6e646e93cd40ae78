import type { Values } from "./values";
import { sumOfWeights, weightedSum } from "./weightedSum";

/** Averaging: Σwθ/Σw (`normalize`) or Σwθ, into `out`. The caller has seen to it that Σw is not 0. */
export function linear(
  models: readonly Values[],
  weights: readonly number[],
  normalize: boolean,
  count: number,
  product: Values,
  out: Values,
): void {
  weightedSum(models, weights, count, product, out);
  if (!normalize) return;
  const total = sumOfWeights(weights, out instanceof Float64Array);
  for (let i = 0; i < count; i++) out[i] /= total;
}
