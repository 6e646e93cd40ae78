/** Products of float64 matrices, by SIMD where the machine has it: the same bits either way. */
import { MATRIX_MODULE } from "./matrixModule.generated";

/** Rows and columns of a product come in multiples of this. */
export const TILE = 4;

/** The next multiple of TILE. */
export const padded = (length: number): number => Math.ceil(length / TILE) * TILE;

/** Part of a row-major matrix: its entries from the first one on, and how many lie from row to row. */
export interface Matrix {
  values: Float64Array;
  stride: number;
}

export interface MatrixKernels {
  /** Float64 buffers of these lengths, for matrices of `addProduct`; those of an earlier call are gone. */
  take(lengths: readonly number[]): Float64Array[];
  /**
   * C += A·B, products added in the order of the inner index. All three lie in buffers of `take`.
   * @param b strips of four columns, [columns / 4][depth][4], see `stripIndex`.
   * @param rows,columns multiples of TILE.
   */
  addProduct(c: Matrix, a: Matrix, b: Float64Array, rows: number, depth: number, columns: number): void;
}

/** Where the entry of an inner index and a column stands in strips of a depth. */
export const stripIndex = (inner: number, column: number, depth: number): number =>
  ((column >> 2) * depth + inner) * TILE + (column & 3);

export const chooseMatrixKernels = (name: "simd" | "plain"): MatrixKernels =>
  name === "simd" ? new SimdMatrixKernels() : new PlainMatrixKernels();

const PAGE_BYTES = 1 << 16;

export class SimdMatrixKernels implements MatrixKernels {
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly addProductAt: (...addresses: number[]) => void;

  constructor() {
    const bytes = Uint8Array.from(atob(MATRIX_MODULE), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.memory } });
    this.addProductAt = (exports as { addProduct: (...addresses: number[]) => void }).addProduct;
  }

  take(lengths: readonly number[]): Float64Array[] {
    const missing = lengths.reduce((sum, length) => sum + 8 * length, 0) - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    let end = 0;
    return lengths.map((length) => {
      const begin = end;
      end += 8 * length;
      return new Float64Array(this.memory.buffer, begin, length);
    });
  }

  addProduct(c: Matrix, a: Matrix, b: Float64Array, rows: number, depth: number, columns: number): void {
    const [cAt, aAt, bAt] = [c.values, a.values, b].map(({ byteOffset }) => byteOffset);
    this.addProductAt(cAt, 8 * c.stride, aAt, 8 * a.stride, bAt, rows, depth, columns);
  }
}

/** The plain twin. */
export class PlainMatrixKernels implements MatrixKernels {
  take(lengths: readonly number[]): Float64Array[] {
    return lengths.map((length) => new Float64Array(length));
  }

  addProduct(c: Matrix, a: Matrix, b: Float64Array, rows: number, depth: number, columns: number): void {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = c.values[row * c.stride + column];
        const first = stripIndex(0, column, depth);
        for (let inner = 0; inner < depth; inner++) sum += a.values[row * a.stride + inner] * b[first + inner * TILE];
        c.values[row * c.stride + column] = sum;
      }
    }
  }
}
