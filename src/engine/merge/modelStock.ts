import { productIndex } from "./vectorProducts";

/** Below this 1 + (N − 1)·cos θ the task vectors cancel each other, and the ratio is without bounds. */
const SMALLEST_DIVISOR = 1e-8;

/**
 * The interpolation ratio of Model Stock (Jang et al., ECCV 2024), t = N·cos θ / (1 + (N − 1)·cos θ): how far from θ₀
 * to the mean of the models a tensor goes. cos θ is the mean cosine of all pairs of task vectors, as in mergekit; of a
 * pair in which one is 0, 0. Null where the task vectors cancel each other.
 * @param products of the task vectors, see `productIndex`.
 */
export function stockRatio(products: readonly number[], models: number): number | null {
  let sum = 0;
  for (let i = 0; i < models; i++) {
    for (let j = i + 1; j < models; j++) sum += cosineOf(products, i, j, models);
  }
  const cosine = sum / ((models * (models - 1)) / 2);
  const divisor = 1 + (models - 1) * cosine;
  return divisor < SMALLEST_DIVISOR ? null : (models * cosine) / divisor;
}

function cosineOf(products: readonly number[], i: number, j: number, models: number): number {
  const at = (row: number, column: number): number => products[productIndex(row, column, models)];
  const norms = Math.sqrt(at(i, i)) * Math.sqrt(at(j, j));
  return norms === 0 ? 0 : Math.max(-1, Math.min(1, at(i, j) / norms));
}
