import { inArithmeticOf, type Values } from "./values";

/** Σ w_t·x_t in the order of the models into `out`, each product rounded before it is added. */
export function weightedSum(
  values: readonly Values[],
  weights: readonly number[],
  count: number,
  product: Values,
  out: Values,
): void {
  out.fill(0, 0, count);
  for (let t = 0; t < values.length; t++) {
    const value = values[t];
    const weight = inArithmeticOf(out, weights[t]);
    for (let i = 0; i < count; i++) product[i] = value[i] * weight;
    for (let i = 0; i < count; i++) out[i] += product[i];
  }
}

/** Σ w_t in the arithmetic of `wide`, in the order of the models. */
export function sumOfWeights(weights: readonly number[], wide: boolean): number {
  return weights.reduce((sum, weight) => (wide ? sum + weight : Math.fround(sum + Math.fround(weight))), 0);
}
