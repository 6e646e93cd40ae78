/**
 * The largest singular values and vectors of a matrix by randomized block Krylov iteration (Musco and Musco, NeurIPS
 * 2015, algorithm 2), which starts again from what it has found where its space is full. The first start is always the
 * same one, and sums run in a fixed order: the same matrix gives the same bits.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { padded, stripIndex, TILE, type MatrixKernels } from "../kernels/matrixKernels";
import { mixed } from "./randomMask";
import { squaresOf } from "./squares";
import { bufferLengths, DEPTH, OVERSAMPLING, spaceOf } from "./svdMemory";
import type { DenseMatrix, Factors } from "./truncatedSvd";

/** Blocks at most; they end when one gains less than this share of what is left out. */
const MAX_BLOCKS = 24;
const SMALLEST_GAIN = 1e-5;
/** Matrices of up to so many entries cost nothing, and are iterated until every entry is right to float32. */
const SMALL_MATRIX = 2 ** 14;
/** Of the whole: what rounding in float64 does to sums of squares. */
const ROUNDING = 1e-14;
/** Squares of what is left of a direction, of the largest one's, that are rounding alone. */
const NOTHING_LEFT = 1e-26;

/** Vectors of one length as rows from stride to stride; behind the length stand zeros. Counts are multiples of TILE. */
interface Vectors {
  values: Float64Array;
  count: number;
  length: number;
  stride: number;
}

export class KrylovSpace {
  private readonly block: number;
  private readonly blocks: number;
  /** Q, orthonormal, of the rows' space, block after block; and QᵀM. */
  private readonly left: Vectors;
  private readonly right: Vectors;
  /** X, from which the next block of Q comes; also what is rotated. */
  private readonly next: Float64Array;
  /** Packed vectors, a packed or plain part of the matrix, coefficients. */
  private readonly strips: Float64Array;
  private readonly tile: Float64Array;
  private readonly small: Float64Array;
  private done = 0;

  constructor(
    private readonly matrix: DenseMatrix,
    private readonly rank: number,
    private readonly kernels: MatrixKernels,
    private readonly betweenSteps: (done: number) => void,
  ) {
    const { rows, columns } = matrix;
    ({ block: this.block, blocks: this.blocks } = spaceOf(rank, rows, columns));
    const buffers = kernels.take(bufferLengths(rows, columns, rank));
    for (const buffer of buffers) buffer.fill(0);
    const [left, right, next, strips, tile, small] = buffers;
    const count = this.block * this.blocks;
    this.left = { values: left, count, length: rows, stride: padded(rows) };
    this.right = { values: right, count, length: columns, stride: padded(columns) };
    [this.next, this.strips, this.tile, this.small] = [next, strips, tile, small];
  }

  /** @param total ‖M‖², more than 0. */
  run(total: number, factors: Factors): void {
    this.fillRandom();
    const smallestGain = this.matrix.values.length <= SMALL_MATRIX ? 0 : SMALLEST_GAIN;
    let before = 0;
    for (let at = 0; ; at = (at + 1) % this.blocks) {
      const [known, q, z] = [
        rangeOf(this.left, 0, at * this.block),
        this.blockOf(this.left, at),
        this.blockOf(this.right, at),
      ];
      this.multiply(q);
      this.orthonormalize(q, known);
      this.multiplyTransposed(q, z);
      this.done++;
      const found = rangeOf(this.right, 0, (at + 1) * this.block);
      const { values, vectors } = this.eigen(found);
      const energy = values.slice(0, this.rank).reduce((sum, value) => sum + value, 0);
      if (this.done === MAX_BLOCKS || energy - before <= smallestGain * (total - energy) + ROUNDING * total) {
        this.finish(values, vectors, (at + 1) * this.block, factors);
        return;
      }
      before = energy;
      if (at + 1 < this.blocks) this.takeNext(z);
      else this.combine(found, scaledRows(vectors, values, -0.5, 0).slice(0, this.block));
    }
  }

  /** X: entries from −1 to 1, by their place alone. */
  private fillRandom(): void {
    const { length, stride } = this.right;
    const count = Math.min(this.rank + OVERSAMPLING, this.matrix.rows, this.matrix.columns);
    for (let k = 0; k < count; k++) {
      for (let j = 0; j < length; j++) this.next[k * stride + j] = mixed(mixed(j + 1) ^ mixed(~k)) / 2 ** 31 - 1;
    }
  }

  /** X: the block of QᵀM, its rows orthonormal. */
  private takeNext(z: Vectors): void {
    const { values, vectors } = this.eigen(z);
    this.combine(z, scaledRows(vectors, values, -0.5, 0));
  }

  private blockOf(vectors: Vectors, at: number): Vectors {
    return rangeOf(vectors, at * this.block, this.block);
  }

  /** into = (M·X)ᵀ. */
  private multiply(into: Vectors): void {
    const { block, tile, small, strips, kernels } = this;
    const { rows, columns, values } = this.matrix;
    const width = padded(columns);
    this.packColumns({ values: this.next, count: block, length: columns, stride: width });
    for (let first = 0; first < rows; first += DEPTH) {
      this.betweenSteps(this.done / MAX_BLOCKS);
      const count = Math.min(DEPTH, rows - first);
      tile.fill(0, 0, DEPTH * width);
      for (let r = 0; r < count; r++) {
        tile.set(values.subarray((first + r) * columns, (first + r + 1) * columns), r * width);
      }
      small.fill(0, 0, DEPTH * block);
      eachDepth(columns, (from, depth) => {
        const a = { values: tile.subarray(from), stride: width };
        const b = strips.subarray(from * block);
        kernels.addProduct({ values: small, stride: block }, a, b, padded(count), depth, block);
      });
      for (let k = 0; k < block; k++) {
        for (let r = 0; r < count; r++) into.values[k * into.stride + first + r] = small[r * block + k];
      }
    }
  }

  /** z = qᵀM. */
  private multiplyTransposed(q: Vectors, z: Vectors): void {
    const { block, tile, small, kernels } = this;
    const { rows, columns, values } = this.matrix;
    z.values.fill(0, 0, block * z.stride);
    for (let first = 0; first < rows; first += DEPTH) {
      this.betweenSteps(this.done / MAX_BLOCKS);
      const depth = Math.min(DEPTH, rows - first);
      packRows(values.subarray(first * columns), columns, columns, depth, tile);
      for (let k = 0; k < block; k++) {
        for (let r = 0; r < depth; r++) small[k * DEPTH + r] = q.values[k * q.stride + first + r];
      }
      kernels.addProduct(z, { values: small, stride: DEPTH }, tile, block, depth, z.stride);
    }
  }

  /** Takes off the block what the known vectors have of it, and makes the rest orthonormal; twice, for rounding. */
  private orthonormalize(q: Vectors, known: Vectors): void {
    for (const pass of [1, 2]) {
      const before = this.largest(q);
      if (known.count > 0) {
        this.products(q, known);
        const coefficients = this.tile.slice(0, q.count * known.count);
        for (let at = 0; at < coefficients.length; at++) this.small[at] = -coefficients[at];
        packRows(known.values, known.stride, known.stride, known.count, this.strips);
        const a = { values: this.small, stride: known.count };
        this.kernels.addProduct(q, a, this.strips, q.count, known.count, q.stride);
      }
      const { values, vectors } = this.eigen(q);
      this.combine(q, scaledRows(vectors, values, -0.5, pass === 1 ? NOTHING_LEFT * before : 0));
      q.values.set(this.next.subarray(0, q.count * q.stride));
    }
  }

  /** The largest square of a vector. */
  private largest({ values, count, length, stride }: Vectors): number {
    let most = 0;
    for (let k = 0; k < count; k++) most = Math.max(most, squaresOf(values.subarray(k * stride, k * stride + length)));
    return most;
  }

  /** tile = the products of each of the vectors with each of the others, [count, others.count]. */
  private products(vectors: Vectors, others: Vectors): void {
    const { tile, strips, kernels } = this;
    this.packColumns(others);
    tile.fill(0, 0, vectors.count * others.count);
    eachDepth(vectors.length, (from, depth) => {
      const a = { values: vectors.values.subarray(from), stride: vectors.stride };
      const b = strips.subarray(from * others.count);
      kernels.addProduct({ values: tile, stride: others.count }, a, b, vectors.count, depth, others.count);
    });
  }

  /** Eigenvalues, the largest first, and eigenvectors, as rows, of the products of all pairs of vectors. */
  private eigen(vectors: Vectors): { values: number[]; vectors: number[][] } {
    this.products(vectors, vectors);
    const { count } = vectors;
    const products = Matrix.from1DArray(count, count, this.tile.subarray(0, count * count));
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(products, { assumeSymmetric: true });
    const order = realEigenvalues.map((_, at) => at).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
    return {
      values: order.map((at) => Math.max(realEigenvalues[at], 0)),
      vectors: order.map((at) => eigenvectorMatrix.getColumn(at)),
    };
  }

  /** next = the combinations of the vectors that `coefficients` has as rows; no more of them than a block has. */
  private combine({ values, count, stride }: Vectors, coefficients: readonly (readonly number[])[]): void {
    const { next, strips, small, kernels } = this;
    coefficients.forEach((row, k) => small.set(row, k * count));
    packRows(values, stride, stride, count, strips);
    next.fill(0, 0, coefficients.length * stride);
    kernels.addProduct(
      { values: next, stride },
      { values: small, stride: count },
      strips,
      coefficients.length,
      count,
      stride,
    );
  }

  /** U = Q·V and Vᵀ = S⁻¹·Vᵀ·(QᵀM), each with half of S; of each pair, the left one's largest entry is above 0. */
  private finish(values: readonly number[], vectors: readonly number[][], count: number, factors: Factors): void {
    const { rows, columns } = this.matrix;
    const { rank, block, next } = this;
    const signs: number[] = [];
    this.combine(rangeOf(this.left, 0, count), scaledRows(vectors, values, 0.25, 0).slice(0, block));
    for (let k = 0; k < Math.min(rank, block); k++) {
      const u = next.subarray(k * this.left.stride, k * this.left.stride + rows);
      signs[k] = u.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0) < 0 ? -1 : 1;
      for (let i = 0; i < rows; i++) factors.left[i * rank + k] = signs[k] * u[i];
    }
    this.combine(rangeOf(this.right, 0, count), scaledRows(vectors, values, -0.25, 0).slice(0, block));
    for (let k = 0; k < Math.min(rank, block); k++) {
      const v = next.subarray(k * this.right.stride, k * this.right.stride + columns);
      for (let j = 0; j < columns; j++) factors.right[k * columns + j] = signs[k] * v[j];
    }
  }

  /** Puts vectors as the columns of a matrix into strips, depth by depth. */
  private packColumns({ values, count, length, stride }: Vectors): void {
    eachDepth(length, (from, depth) => {
      const target = this.strips.subarray(from * count);
      for (let k = 0; k < count; k++) {
        const begin = stripIndex(0, k, depth);
        for (let j = 0; j < depth; j++) target[begin + j * TILE] = values[k * stride + from + j];
      }
    });
  }
}

function eachDepth(length: number, visit: (from: number, depth: number) => void): void {
  for (let from = 0; from < length; from += DEPTH) visit(from, Math.min(DEPTH, length - from));
}

const rangeOf = ({ values, length, stride }: Vectors, first: number, count: number): Vectors => ({
  values: values.subarray(first * stride),
  count,
  length,
  stride,
});

/** Puts rows of a matrix into strips of as many columns as `padded(columns)`. */
export function packRows(
  values: Float32Array | Float64Array,
  stride: number,
  columns: number,
  depth: number,
  into: Float64Array,
): void {
  const strip = TILE * depth;
  for (let r = 0; r < depth; r++) {
    const from = r * stride;
    let at = r * TILE;
    let j = 0;
    for (; j + TILE <= columns; j += TILE, at += strip) {
      into[at] = values[from + j];
      into[at + 1] = values[from + j + 1];
      into[at + 2] = values[from + j + 2];
      into[at + 3] = values[from + j + 3];
    }
    if (j === columns) continue;
    for (let c = 0; c < TILE; c++) into[at + c] = j + c < columns ? values[from + j + c] : 0;
  }
}

/** Rows times a power of their eigenvalues; 0 for those no larger than `least`, or than what rounding makes. */
function scaledRows(vectors: readonly number[][], values: readonly number[], power: number, least: number): number[][] {
  const smallest = Math.max(least, values[0] * values.length * Number.EPSILON);
  return vectors.map((row, k) => {
    const factor = values[k] > smallest ? values[k] ** power : 0;
    return row.map((value) => value * factor);
  });
}
