/** The truncated SVD, held against a full one. */
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { PlainMatrixKernels, SimdMatrixKernels } from "../../src/engine/kernels/matrixKernels";
import { residualSquares, truncatedSvd, type DenseMatrix } from "../../src/engine/merge/truncatedSvd";
import { squaresOf } from "../../src/engine/merge/squares";
import { seeded } from "../fixtures/mergeCase";

const kernels = new SimdMatrixKernels();
const nothing = (): void => undefined;

/** Entries of a low rank, their parts falling off, and noise of a size on top. */
function matrixOf(rows: number, columns: number, rank: number, noise: number, seed = 1): DenseMatrix {
  const random = seeded(seed);
  const values = Float64Array.from({ length: rows * columns }, () => noise * (random() * 2 - 1));
  for (let k = 0; k < rank; k++) {
    const [u, v] = [rows, columns].map((length) => Float64Array.from({ length }, () => random() * 2 - 1));
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[i * columns + j] += (u[i] * v[j]) / (k + 1);
  }
  return { values, rows, columns };
}

/** The relative error, and the least that any factors of this rank can have. */
function errors(matrix: DenseMatrix, rank: number): { own: number; least: number } {
  const factors = truncatedSvd(matrix, rank, kernels, nothing);
  const whole = squaresOf(matrix.values);
  const dense = Matrix.from1DArray(matrix.rows, matrix.columns, matrix.values);
  const { diagonal } = new SingularValueDecomposition(dense, { autoTranspose: true });
  const rest = diagonal.slice(rank).reduce((sum, value) => sum + value * value, 0);
  return { own: Math.sqrt(residualSquares(matrix, factors, kernels, nothing) / whole), least: Math.sqrt(rest / whole) };
}

describe("the error", () => {
  it.each([
    ["a tall matrix", matrixOf(150, 61, 20, 0.05), 8],
    ["a wide matrix", matrixOf(50, 170, 20, 0.05), 8],
    ["more rows than a block", matrixOf(300, 129, 10, 0.01), 4],
    ["noise alone", matrixOf(120, 130, 0, 1), 16],
    ["a rank of one", matrixOf(40, 30, 6, 0.1), 1],
    ["one row", matrixOf(1, 30, 1, 0), 1],
  ])("is the least there is: %s", (_, matrix, rank) => {
    const { own, least } = errors(matrix, rank);
    expect(own).toBeLessThan(least * (1 + 1e-4) + 1e-8);
    expect(own).toBeGreaterThan(least * (1 - 1e-9) - 1e-8);
  });

  it.each([
    ["the matrix's rank", 6],
    ["more than its rank", 10],
    ["more than its sides", 60],
  ])("is that of rounding with %s", (_, rank) => {
    expect(errors(matrixOf(50, 40, 6, 0), rank).own).toBeLessThan(1e-7);
  });
});

it.each([
  ["as wide as a block and a half", 16, 24, 4],
  ["of noise alone", 40, 60, 4],
  ["of a rank near its sides", 12, 30, 9],
])("has every entry of a small matrix to 1e-6: %s", (_, rows, columns, rank) => {
  const matrix = matrixOf(rows, columns, 0, 1);
  const { left, right } = truncatedSvd(matrix, rank, kernels, nothing);
  const dense = Matrix.from1DArray(rows, columns, matrix.values);
  const {
    leftSingularVectors: u,
    rightSingularVectors: v,
    diagonal,
  } = new SingularValueDecomposition(dense, {
    autoTranspose: true,
  });
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let [own, expected] = [0, 0];
      for (let k = 0; k < rank; k++) {
        own += left[i * rank + k] * right[k * columns + j];
        expected += u.get(i, k) * diagonal[k] * v.get(j, k);
      }
      expect(Math.abs(own - expected)).toBeLessThan(1e-6);
    }
  }
});

it("gives nothing for zeros", () => {
  const { left, right } = truncatedSvd({ values: new Float32Array(60), rows: 6, columns: 10 }, 2, kernels, nothing);
  expect([...left, ...right].every((value) => value === 0)).toBe(true);
});

it("splits the singular values over both factors", () => {
  const matrix = matrixOf(40, 30, 3, 0);
  const { left, right } = truncatedSvd(matrix, 3, kernels, nothing);
  const { diagonal } = new SingularValueDecomposition(Matrix.from1DArray(40, 30, matrix.values));
  for (let k = 0; k < 3; k++) {
    const column = Float64Array.from({ length: 40 }, (_, i) => left[i * 3 + k]);
    expect(squaresOf(column)).toBeCloseTo(diagonal[k], 9);
    expect(squaresOf(right.subarray(k * 30, (k + 1) * 30))).toBeCloseTo(diagonal[k], 9);
  }
});

it("has the same bits from the plain kernels, and again", () => {
  const matrix = matrixOf(70, 45, 9, 0.1);
  const results = [kernels, kernels, new PlainMatrixKernels()].map((own) => truncatedSvd(matrix, 5, own, nothing));
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

it("can be stopped", () => {
  const stop = (): never => {
    throw new Error("stopped");
  };
  expect(() => truncatedSvd(matrixOf(20, 20, 2, 0), 2, kernels, stop)).toThrow("stopped");
});
