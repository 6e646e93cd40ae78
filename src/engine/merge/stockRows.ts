/** Model Stock row by row (`filter_wise`): rows are the stretches of the last dimension. */
import { taskVector } from "./taskVector";
import { scale } from "./scale";
import type { Values } from "./values";
import { productCount } from "./vectorProducts";
import { weightedSum } from "./weightedSum";

/** Scalar products of the rows that a range of entries touches, summed in float64 in the order of the entries. */
export class RowProducts {
  private readonly sums: Float64Array;
  private readonly products: number;

  /** @param firstRow of `rows` rows of `length` entries. */
  constructor(
    private readonly models: number,
    private readonly length: number,
    private readonly firstRow: number,
    rows: number,
  ) {
    this.products = productCount(models);
    this.sums = new Float64Array(rows * this.products);
  }

  /** Adds `count` entries of every task vector, from flat index `start` on. */
  add(vectors: readonly Values[], start: number, count: number): void {
    const { models, length, products, sums } = this;
    for (let from = 0; from < count;) {
      const row = Math.floor((start + from) / length);
      const to = Math.min(count, (row + 1) * length - start);
      let at = (row - this.firstRow) * products;
      for (let i = 0; i < models; i++) {
        for (let j = i; j < models; j++, at++) {
          const [x, y] = [vectors[i], vectors[j]];
          let sum = sums[at];
          for (let k = from; k < to; k++) sum += x[k] * y[k];
          sums[at] = sum;
        }
      }
      from = to;
    }
  }

  /** As `productIndex` counts them. */
  ofRow(row: number): number[] {
    const at = (row - this.firstRow) * this.products;
    return [...this.sums.subarray(at, at + this.products)];
  }
}

/**
 * θ₀ + λ·t·mean(τ) into `out` with the ratio t of each row; arithmetic as of task arithmetic with `normalize`.
 * `models` are overwritten. @param ratios of the rows from that of `start` on. @param merged, product scratch.
 */
export function mergeRows(
  base: Values,
  models: readonly Values[],
  { length, start, count }: { length: number; start: number; count: number },
  ratios: ArrayLike<number>,
  lambda: number,
  merged: Values,
  product: Values,
  out: Values,
): void {
  for (const model of models) taskVector(model, base, count, model);
  const weights = models.map(() => 1);
  weightedSum(models, weights, count, product, merged);
  for (let i = 0; i < count; i++) merged[i] /= models.length;
  const first = Math.floor(start / length);
  for (let from = 0; from < count;) {
    const row = Math.floor((start + from) / length);
    const to = Math.min(count, (row + 1) * length - start);
    const part = (values: Values): Values => values.subarray(from, to);
    scale(part(base), part(merged), lambda * ratios[row - first], to - from, part(out));
    from = to;
  }
}
