import type { Values } from "./values";

/** Sums that are kept beside each other for every product: each entry adds to the one of its index modulo 4. */
const LANES = 4;

/**
 * Scalar products of vectors with one another, chunk by chunk, in float64. All chunks but the last of a stretch hold a
 * multiple of four entries: then the sums do not depend on how it is cut.
 */
export class VectorProducts {
  private readonly lanes: Float64Array;

  /** @param vectors how many. */
  constructor(private readonly vectors: number) {
    this.lanes = new Float64Array(LANES * productCount(vectors));
  }

  /** Adds the products of the first `count` entries of all vectors. */
  add(vectors: readonly Values[], count: number): void {
    let at = 0;
    for (let i = 0; i < this.vectors; i++) {
      for (let j = i; j < this.vectors; j++, at += LANES) this.addPair(vectors[i], vectors[j], count, at);
    }
  }

  /** ⟨x_i, x_j⟩ for i ≤ j, row by row. */
  sums(): number[] {
    const { lanes } = this;
    return Array.from({ length: lanes.length / LANES }, (_, product) => {
      const at = product * LANES;
      return lanes[at] + lanes[at + 1] + (lanes[at + 2] + lanes[at + 3]);
    });
  }

  private addPair(x: Values, y: Values, count: number, at: number): void {
    const { lanes } = this;
    let [a, b, c, d] = lanes.subarray(at, at + LANES);
    const whole = count - (count % LANES);
    for (let k = 0; k < whole; k += LANES) {
      a += x[k] * y[k];
      b += x[k + 1] * y[k + 1];
      c += x[k + 2] * y[k + 2];
      d += x[k + 3] * y[k + 3];
    }
    lanes.set([a, b, c, d], at);
    for (let k = whole; k < count; k++) lanes[at + k - whole] += x[k] * y[k];
  }
}

/** How many products there are, squares among them. */
export const productCount = (vectors: number): number => (vectors * (vectors + 1)) / 2;

/** Where ⟨x_i, x_j⟩, i ≤ j, stands among the products of `vectors` vectors. */
export const productIndex = (i: number, j: number, vectors: number): number =>
  i * vectors - (i * (i - 1)) / 2 + (j - i);
