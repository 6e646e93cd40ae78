/**
 * The best approximation of a matrix by one of a given rank (Eckart and Young, 1936), as two factors: its truncated
 * singular value decomposition.
 */
import { padded, type MatrixKernels } from "../kernels/matrixKernels";
import { KrylovSpace, packRows } from "./krylovSpace";
import { DEPTH } from "./svdMemory";
import { squaresOf } from "./squares";

/** A matrix [rows, columns] in row-major order. */
export interface DenseMatrix {
  values: Float32Array | Float64Array;
  rows: number;
  columns: number;
}

export interface Factors {
  /** [rows, rank]: U·√S. */
  left: Float64Array;
  /** [rank, columns]: √S·Vᵀ. */
  right: Float64Array;
}

/**
 * Factors of `matrix`, of rank `rank`; what the matrix has no rank for is 0.
 * @param betweenSteps called now and then, with the share of the blocks that are done; may throw.
 */
export function truncatedSvd(
  matrix: DenseMatrix,
  rank: number,
  kernels: MatrixKernels,
  betweenSteps: (done: number) => void,
): Factors {
  const { rows, columns } = matrix;
  const factors = { left: new Float64Array(rows * rank), right: new Float64Array(rank * columns) };
  const total = squaresOf(matrix.values);
  if (total > 0) new KrylovSpace(matrix, rank, kernels, betweenSteps).run(total, factors);
  return factors;
}

/** ‖M − left·right‖², summed in float64. */
export function residualSquares(
  { values, rows, columns }: DenseMatrix,
  { left, right }: Factors,
  kernels: MatrixKernels,
  betweenSteps: () => void,
): number {
  const rank = rows === 0 ? 0 : left.length / rows;
  const width = padded(columns);
  const [rest, strips, block] = kernels.take([DEPTH * width, rank * width, DEPTH * padded(rank)]);
  packRows(right, columns, columns, rank, strips);
  let sum = 0;
  for (let first = 0; first < rows; first += DEPTH) {
    betweenSteps();
    const count = Math.min(DEPTH, rows - first);
    rest.fill(0);
    block.fill(0);
    for (let r = 0; r < count; r++) {
      const from = (first + r) * columns;
      for (let j = 0; j < columns; j++) rest[r * width + j] = -values[from + j];
      block.set(left.subarray((first + r) * rank, (first + r + 1) * rank), r * padded(rank));
    }
    const a = { values: block, stride: padded(rank) };
    kernels.addProduct({ values: rest, stride: width }, a, strips, padded(count), rank, width);
    sum += squaresOf(rest.subarray(0, count * width));
  }
  return sum;
}
