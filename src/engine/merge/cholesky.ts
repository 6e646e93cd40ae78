/**
 * A = L·Lᵀ and X·A = B for a symmetric positive definite A, in blocks: what workers do side by side. Every entry is
 * the textbook's sum in a fixed order, so that neither their number nor the blocks of others change a bit of it.
 */
import { padded, stripIndex, type MatrixKernels } from "../kernels/matrixKernels";

/** Rows and columns of one block. */
export const BLOCK = 128;

export const blocksOf = (order: number): number => Math.ceil(order / BLOCK);

/** A symmetric matrix, or its factor in place, of which the lower triangle is kept; may be shared between threads. */
export class LowerTriangle {
  private readonly values: Float64Array;
  /** The diagonal as it was before factoring: what a pivot is compared with. */
  readonly diagonal: Float64Array;

  static bytes = (order: number): number => 8 * ((order * (order + 1)) / 2 + order);

  /** @param buffer of `bytes(order)`. */
  constructor(
    buffer: ArrayBufferLike,
    /** n of [n, n]. */
    readonly order: number,
  ) {
    const entries = (order * (order + 1)) / 2;
    this.values = new Float64Array(buffer, 0, entries);
    this.diagonal = new Float64Array(buffer, 8 * entries, order);
  }

  /** Entries 0 … i of row i. */
  row(i: number): Float64Array {
    const begin = (i * (i + 1)) / 2;
    return this.values.subarray(begin, begin + i + 1);
  }

  /** First row of a block, and how many it has. */
  span(block: number): { first: number; count: number } {
    const first = block * BLOCK;
    return { first, count: Math.min(BLOCK, this.order - first) };
  }
}

/** A pivot that shows that the matrix is not positive definite. */
export interface BadPivot {
  index: number;
  pivot: number;
  /** The matrix's diagonal there. */
  diagonal: number;
  /** Estimate of the condition: the largest diagonal entry over this pivot. */
  condition: number;
}

/**
 * Factors the diagonal block when all blocks left of it are. A pivot of no more than n·2⁻⁵² of its diagonal is what
 * rounding leaves of 0.
 */
export function factorDiagonal(matrix: LowerTriangle, block: number, kernels: MatrixKernels): BadPivot | null {
  const { first, count } = matrix.span(block);
  const c = reducedBlock(matrix, block, block, kernels);
  const least = matrix.order * Number.EPSILON;
  for (let j = 0; j < count; j++) {
    const row = c.subarray(j * BLOCK, (j + 1) * BLOCK);
    for (let k = 0; k < j; k++) row[k] = quotient(row, c.subarray(k * BLOCK, (k + 1) * BLOCK), k);
    let pivot = row[j];
    for (let k = 0; k < j; k++) pivot -= row[k] * row[k];
    const diagonal = matrix.diagonal[first + j];
    if (!(pivot > least * diagonal)) {
      const largest = matrix.diagonal.reduce((most, value) => Math.max(most, value), 0);
      return { index: first + j, pivot, diagonal, condition: largest / Math.abs(pivot) };
    }
    row[j] = Math.sqrt(pivot);
    matrix.row(first + j).set(row.subarray(0, j + 1), first);
  }
  return null;
}

/** Factors the block of another block's rows below a factored diagonal block. */
export function factorBelow(matrix: LowerTriangle, block: number, rowBlock: number, kernels: MatrixKernels): void {
  const { first, count } = matrix.span(block);
  const rows = matrix.span(rowBlock);
  const c = reducedBlock(matrix, rowBlock, block, kernels);
  const l = rowsOf(matrix, first, count);
  for (let r = 0; r < rows.count; r++) {
    const row = c.subarray(r * BLOCK, (r + 1) * BLOCK);
    for (let j = 0; j < count; j++) row[j] = quotient(row, l[j], j);
    matrix.row(rows.first + r).set(row.subarray(0, count), first);
  }
}

/** (x_j − Σ_{k<j} x_k l_k) / l_j: one entry of a triangular solution whose entries before it are known. */
function quotient(x: Float64Array, l: Float64Array, j: number): number {
  let rest = x[j];
  for (let k = 0; k < j; k++) rest -= x[k] * l[k];
  return rest / l[j];
}

/** Rows of a diagonal block, from its first column on. */
const rowsOf = (matrix: LowerTriangle, first: number, count: number): Float64Array[] =>
  Array.from({ length: count }, (_, j) => matrix.row(first + j).subarray(first));

function takeOff(x: Float64Array, l: Float64Array, j: number): void {
  const value = x[j] / l[j];
  x[j] = value;
  for (let k = 0; k < j; k++) x[k] -= value * l[k];
}

/** A's block less the products of the factored blocks left of it, [BLOCK, BLOCK] in the kernels' memory. */
function reducedBlock(matrix: LowerTriangle, rowBlock: number, block: number, kernels: MatrixKernels): Float64Array {
  const [c, a, b] = kernels.take([BLOCK * BLOCK, BLOCK * BLOCK, BLOCK * BLOCK]);
  const rows = matrix.span(rowBlock);
  const columns = matrix.span(block);
  c.fill(0);
  a.fill(0);
  for (let r = 0; r < rows.count; r++) {
    const row = matrix.row(rows.first + r);
    c.set(row.subarray(columns.first, columns.first + columns.count), r * BLOCK);
  }
  for (let inner = 0; inner < block; inner++) {
    const from = inner * BLOCK;
    for (let r = 0; r < rows.count; r++) {
      a.set(matrix.row(rows.first + r).subarray(from, from + BLOCK), r * BLOCK);
    }
    packTransposed(matrix, block, inner, b);
    const [height, width] = [padded(rows.count), padded(columns.count)];
    kernels.addProduct({ values: c, stride: BLOCK }, { values: a, stride: BLOCK }, b, height, BLOCK, width);
  }
  return c;
}

/** −L[block, inner]ᵀ as strips. */
function packTransposed(matrix: LowerTriangle, block: number, inner: number, b: Float64Array): void {
  const { first, count } = matrix.span(block);
  const from = matrix.span(inner);
  b.fill(0, 0, padded(count) * from.count);
  for (let column = 0; column < count; column++) {
    const row = matrix.row(first + column).subarray(from.first);
    for (let k = 0; k < from.count; k++) b[stripIndex(k, column, from.count)] = -row[k];
  }
}

/** −L[inner, block] as strips. */
function pack(matrix: LowerTriangle, inner: number, block: number, b: Float64Array): void {
  const { first, count } = matrix.span(block);
  const from = matrix.span(inner);
  b.fill(0, 0, padded(count) * from.count);
  for (let k = 0; k < from.count; k++) {
    const row = matrix.row(from.first + k).subarray(first);
    for (let column = 0; column < count; column++) b[stripIndex(k, column, from.count)] = -row[column];
  }
}

/** Room that `solveRows` needs for a packed block. */
export const SOLVE_ROOM = BLOCK * BLOCK;

/**
 * X of X·L·Lᵀ = B, in the place of B.
 * @param x [rows, stride] in the kernels' memory, `rows` a multiple of TILE, the stride padded; what is behind the
 * order is 0.
 * @param room SOLVE_ROOM entries of the kernels' memory.
 * @param betweenBlocks called now and then; may throw.
 */
export function solveRows(
  matrix: LowerTriangle,
  x: Float64Array,
  stride: number,
  rows: number,
  room: Float64Array,
  kernels: MatrixKernels,
  betweenBlocks: () => void,
): void {
  const blocks = blocksOf(matrix.order);
  const subtract = (block: number, inner: number): void => {
    const [to, from] = [matrix.span(block), matrix.span(inner)];
    const c = { values: x.subarray(to.first), stride };
    kernels.addProduct(c, { values: x.subarray(from.first), stride }, room, rows, from.count, padded(to.count));
  };
  // Y·Lᵀ = B, from the first column on.
  for (let block = 0; block < blocks; block++) {
    betweenBlocks();
    for (let inner = 0; inner < block; inner++) {
      packTransposed(matrix, block, inner, room);
      subtract(block, inner);
    }
    const { first, count } = matrix.span(block);
    const l = rowsOf(matrix, first, count);
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * stride + first, r * stride + first + count);
      for (let j = 0; j < count; j++) row[j] = quotient(row, l[j], j);
    }
  }
  // X·L = Y, from the last column on.
  for (let block = blocks - 1; block >= 0; block--) {
    betweenBlocks();
    for (let inner = block + 1; inner < blocks; inner++) {
      pack(matrix, inner, block, room);
      subtract(block, inner);
    }
    const { first, count } = matrix.span(block);
    const l = rowsOf(matrix, first, count);
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * stride + first, r * stride + first + count);
      // Once an entry is known, it is taken off all before it: L is read row by row.
      for (let j = count - 1; j >= 0; j--) takeOff(row, l[j], j);
    }
  }
}
