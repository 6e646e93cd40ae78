/**
 * RegMean (Jin et al., ICLR 2023): the weight that comes nearest to every model's outputs on its own inputs,
 * Wᵀ = (ΣG̃_t)⁻¹ ΣG̃_t W_tᵀ with G̃_t = α·G_t + (1 − α)·diag(G_t). All in float64.
 *
 * It is computed as W = W_1 + [Σ (W_t − W_1)·G̃_t]·(ΣG̃_t)⁻¹, which is the same: what rounding takes is then a
 * part of the models' differences, and equal models come out as they are.
 */
import { padded, stripIndex, type MatrixKernels } from "../kernels/matrixKernels";
import { BLOCK, LowerTriangle, SOLVE_ROOM } from "./cholesky";

/** Outputs that are solved for together: enough to outweigh reading the Gram matrices once more. */
export const SOLVED_ROWS = 128;

/** Bytes that a layer with so many inputs needs beside everything else: the system, and a part for each thread. */
export const layerBytes = (order: number, threads: number): number =>
  LowerTriangle.bytes(order) + threads * 8 * (3 * BLOCK * padded(order) + SOLVE_ROOM + 3 * BLOCK * BLOCK);

/** An entry of G̃: α·G, on the diagonal G. */
export const regularized = (value: number, row: number, column: number, alpha: number): number =>
  row === column ? value : alpha * value;

/** How far G_ij may be from G_ji, in √(G_ii·G_jj): sums of 8-bit mantissas are no nearer. */
const SYMMETRY_TOLERANCE = 2 ** -6;

export const isSymmetric = (one: number, other: number, diagonalOfRow: number, diagonalOfColumn: number): boolean =>
  Math.abs(one - other) <= SYMMETRY_TOLERANCE * Math.sqrt(diagonalOfRow * diagonalOfColumn);

/** Rows of a layer that are solved for: buffers in the memory of the kernels. */
export class SolvedRows {
  readonly stride: number;
  /** [SOLVED_ROWS, stride]: what the solution is added up in. */
  readonly sums: Float64Array;
  /** [SOLVED_ROWS, stride]: W_t − W_1. */
  readonly differences: Float64Array;
  /** A block of rows of G̃_t, as strips; and room for the solution. */
  readonly strips: Float64Array;

  constructor(
    readonly order: number,
    private readonly kernels: MatrixKernels,
  ) {
    this.stride = padded(order);
    const slab = SOLVED_ROWS * this.stride;
    const strips = Math.max(BLOCK * this.stride, SOLVE_ROOM);
    [this.sums, this.differences, this.strips] = kernels.take([slab, slab, strips]);
    this.sums.fill(0);
    this.differences.fill(0);
  }

  /** Puts row `row` of G̃_t, of the block whose first row is `first`, among the strips. */
  packRow(values: Float64Array, row: number, first: number, depth: number, alpha: number): void {
    const { strips, order } = this;
    for (let column = 0; column < order; column++) {
      strips[stripIndex(row - first, column, depth)] = regularized(values[column], row, column, alpha);
    }
    for (let column = order; column < this.stride; column++) strips[stripIndex(row - first, column, depth)] = 0;
  }

  /** Adds (W_t − W_1)·G̃_t for the packed rows of G̃_t. */
  addProduct(rows: number, first: number, depth: number): void {
    const { sums, differences, stride } = this;
    const a = { values: differences.subarray(first), stride };
    this.kernels.addProduct({ values: sums, stride }, a, this.strips, padded(rows), depth, stride);
  }
}
