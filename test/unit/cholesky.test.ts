/** The blocked factor and solution are the textbook's, and those of the SIMD kernels have the plain ones' bits. */
import { describe, expect, it } from "vitest";
import {
  PlainMatrixKernels,
  padded,
  SimdMatrixKernels,
  type MatrixKernels,
} from "../../src/engine/kernels/matrixKernels";
import {
  BLOCK,
  blocksOf,
  factorBelow,
  factorDiagonal,
  LowerTriangle,
  SOLVE_ROOM,
  solveRows,
} from "../../src/engine/merge/cholesky";
import { firstDifference } from "../fixtures/firstDifference";
import { seeded } from "../fixtures/mergeCase";

/** XᵀX of n + 10 samples, [n][n]. */
function positiveDefinite(n: number): number[][] {
  const random = seeded(n);
  const x = Array.from({ length: n + 10 }, () => Array.from({ length: n }, () => random() - 0.3));
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => x.reduce((s, r) => s + r[i]! * r[j]!, 0)),
  );
}

function factored(matrix: number[][], kernels: MatrixKernels): LowerTriangle {
  const triangle = new LowerTriangle(new ArrayBuffer(LowerTriangle.bytes(matrix.length)), matrix.length);
  matrix.forEach((row, i) => {
    triangle.row(i).set(row.slice(0, i + 1));
    triangle.diagonal[i] = row[i]!;
  });
  for (let block = 0; block < blocksOf(matrix.length); block++) {
    expect(factorDiagonal(triangle, block, kernels)).toBeNull();
    for (let below = block + 1; below < blocksOf(matrix.length); below++) factorBelow(triangle, block, below, kernels);
  }
  return triangle;
}

/** Row by row, the products taken off in the order of the inner index. */
function textbook(matrix: number[][]): number[][] {
  const l: number[][] = [];
  matrix.forEach((row, i) => {
    l.push([]);
    for (let j = 0; j <= i; j++) {
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest -= l[i]![k]! * l[j]![k]!;
      l[i]!.push(i === j ? Math.sqrt(rest) : rest / l[j]![j]!);
    }
  });
  return l;
}

function solved(triangle: LowerTriangle, b: number[][], kernels: MatrixKernels): number[][] {
  const stride = padded(triangle.order);
  const rows = padded(b.length);
  const [x, room] = kernels.take([rows * stride, SOLVE_ROOM]) as [Float64Array, Float64Array];
  x.fill(0);
  b.forEach((row, r) => x.set(row, r * stride));
  solveRows(triangle, x, stride, rows, room, kernels, () => undefined);
  return b.map((_, r) => [...x.subarray(r * stride, r * stride + triangle.order)]);
}

describe.each([1, 3, BLOCK, BLOCK + 1, 2 * BLOCK + 37])("a system of %i unknowns", (n) => {
  const matrix = positiveDefinite(n);
  const random = seeded(3);
  const b = Array.from({ length: 5 }, () => Array.from({ length: n }, () => random() - 0.5));

  it("has the textbook's factor, bit for bit", () => {
    const triangle = factored(matrix, new SimdMatrixKernels());
    textbook(matrix).forEach((row, i) => expect(firstDifference(triangle.row(i), row)).toBeNull());
  });

  it("is solved", () => {
    const kernels = new SimdMatrixKernels();
    for (const [r, x] of solved(factored(matrix, kernels), b, kernels).entries()) {
      const scale = Math.max(...x.map(Math.abs)) * Math.max(...matrix.flat().map(Math.abs));
      matrix.forEach((row, i) => {
        const back = row.reduce((sum, value, j) => sum + value * x[j]!, 0);
        expect(Math.abs(back - b[r]![i]!)).toBeLessThan(1e-12 * n * scale + 1e-12);
      });
    }
  });

  it("has the same solution without SIMD", () => {
    const [simd, plain] = [new SimdMatrixKernels(), new PlainMatrixKernels()];
    expect(solved(factored(matrix, simd), b, simd)).toEqual(solved(factored(matrix, plain), b, plain));
  });
});
