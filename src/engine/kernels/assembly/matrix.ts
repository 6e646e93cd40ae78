/** The one kernel of dense linear algebra, a module by itself: its memory grows with the layer. */

/** Rows and columns of C that stay in registers. */
const EDGE: i32 = 4;

/**
 * C += A·B in float64, the products added in the order of the inner index, none of them fused.
 * @param c,a addresses of row-major matrices, `cStride` and `aStride` bytes from row to row.
 * @param b address of [columns / 4][depth][4] entries: strips of four columns.
 * @param rows,columns multiples of 4.
 */
export function addProduct(
  c: usize,
  cStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  rows: i32,
  depth: i32,
  columns: i32,
): void {
  const stripBytes: usize = (<usize>depth) << 5;
  for (let column = 0; column < columns; column += EDGE) {
    let cAt = c + ((<usize>column) << 3);
    let aAt = a;
    for (let row = 0; row < rows; row += EDGE) {
      Tile.addProduct(cAt, cStride, aAt, aStride, b, stripBytes);
      cAt += cStride << 2;
      aAt += aStride << 2;
    }
    b += stripBytes;
  }
}

class Tile {
  @inline
  static addProduct(c0: usize, cStride: usize, a0: usize, aStride: usize, strip: usize, stripBytes: usize): void {
    const c1 = c0 + cStride;
    const c2 = c1 + cStride;
    const c3 = c2 + cStride;
    let a1 = a0 + aStride;
    let a2 = a1 + aStride;
    let a3 = a2 + aStride;
    let s00 = v128.load(c0);
    let s01 = v128.load(c0, 16);
    let s10 = v128.load(c1);
    let s11 = v128.load(c1, 16);
    let s20 = v128.load(c2);
    let s21 = v128.load(c2, 16);
    let s30 = v128.load(c3);
    let s31 = v128.load(c3, 16);
    const end = strip + stripBytes;
    for (let b = strip; b < end; b += 32) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load_splat<f64>(a0);
      s00 = f64x2.add(s00, f64x2.mul(x0, b0));
      s01 = f64x2.add(s01, f64x2.mul(x0, b1));
      const x1 = v128.load_splat<f64>(a1);
      s10 = f64x2.add(s10, f64x2.mul(x1, b0));
      s11 = f64x2.add(s11, f64x2.mul(x1, b1));
      const x2 = v128.load_splat<f64>(a2);
      s20 = f64x2.add(s20, f64x2.mul(x2, b0));
      s21 = f64x2.add(s21, f64x2.mul(x2, b1));
      const x3 = v128.load_splat<f64>(a3);
      s30 = f64x2.add(s30, f64x2.mul(x3, b0));
      s31 = f64x2.add(s31, f64x2.mul(x3, b1));
      a0 += 8;
      a1 += 8;
      a2 += 8;
      a3 += 8;
    }
    v128.store(c0, s00);
    v128.store(c0, s01, 16);
    v128.store(c1, s10);
    v128.store(c1, s11, 16);
    v128.store(c2, s20);
    v128.store(c2, s21, 16);
    v128.store(c3, s30);
    v128.store(c3, s31, 16);
  }
}
