/** The viewport of linked pictures: what is under the pointer stays there, and nothing leaves the matrix. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MatrixShape } from "../../src/protocol/tiles";
import {
  cellAt,
  cellSize,
  clampViewport,
  fitViewport,
  isInside,
  MAX_CELL,
  panBy,
  project,
  reveal,
  stepCell,
  zoomAt,
} from "../../webview/plot/viewport";

const matrices = fc
  .record({ rows: fc.integer({ min: 1, max: 50_000 }), columns: fc.integer({ min: 1, max: 50_000 }) })
  .map(({ rows, columns }): MatrixShape => ({ rows, columns, elements: rows * columns }));
const sizes = fc.record({ width: fc.integer({ min: 20, max: 2000 }), height: fc.integer({ min: 20, max: 2000 }) });
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("fit shows the whole matrix and as large as it goes", () => {
  fc.assert(
    fc.property(matrices, sizes, (matrix, size) => {
      const { across, down, left, top } = project(fitViewport(matrix), matrix, size);
      expect(left).toBeGreaterThanOrEqual(-1e-6);
      expect(top).toBeGreaterThanOrEqual(-1e-6);
      const fills = Math.abs(left) < 1e-6 || Math.abs(top) < 1e-6;
      expect(fills || across === MAX_CELL || down === MAX_CELL).toBe(true);
    }),
  );
});

test("zooming keeps the parameter under the pointer, unless the edge of the matrix is in the way", () => {
  fc.assert(
    fc.property(
      matrices,
      sizes,
      share,
      share,
      fc.double({ min: 1.1, max: 20, noNaN: true }),
      (matrix, size, u, v, factor) => {
        const [x, y] = [u * size.width, v * size.height];
        const zoomed = zoomAt(fitViewport(matrix), matrix, size, x, y, factor);
        const before = project(fitViewport(matrix), matrix, size);
        const after = project(zoomed, matrix, size);
        const column = (x - before.left) / before.across;
        const row = (y - before.top) / before.down;
        // Where the matrix fills the picture after zooming, the position along that edge is kept exactly.
        if (matrix.columns * before.across >= size.width - 1e-6)
          expect((x - after.left) / after.across).toBeCloseTo(column, 4);
        if (matrix.rows * before.down >= size.height - 1e-6) expect((y - after.top) / after.down).toBeCloseTo(row, 4);
      },
    ),
  );
});

test("a long matrix fills its picture, and zooming in makes its parameters squares before they hold glyphs", () => {
  const size = { width: 300, height: 375 };
  const squares = ({ across, down }: { across: number; down: number }): boolean => across === down;
  const at = (rows: number, columns: number, zoom: number) => {
    const matrix = { rows, columns, elements: rows * columns };
    return project(clampViewport({ ...fitViewport(matrix), zoom }, matrix, size), matrix, size);
  };
  for (const [rows, columns] of [
    [150_000, 4096],
    [4096, 150_000],
    [32_000, 1024],
  ] as const) {
    const { across, down, left, top } = at(rows, columns, 1);
    expect([columns * across, rows * down, left, top].map(Math.round)).toEqual([300, 375, 0, 0]);
    expect(squares(at(rows, columns, 200))).toBe(true);
  }
  // Until then the shorter edge stays as it is.
  const [whole, nearer] = [at(150_000, 4096, 1), at(150_000, 4096, 10)];
  expect([nearer.across / whole.across, nearer.down / whole.down]).toEqual([1, 10]);
  // Four columns do not become as wide as the picture, nor do matrices that nearly fill it.
  expect(at(4096, 4, 1).across).toBe(8);
  expect(squares(at(4096, 2048, 1))).toBe(true);
  expect(cellSize(at(4096, 4, 150))).toBeGreaterThan(8);
  expect(squares(at(4096, 4, 150))).toBe(true);
});

test("panning never leaves an avoidable margin", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -3000, max: 3000 })), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(matrices, sizes, fc.double({ min: 1, max: 50, noNaN: true }), steps, (matrix, size, zoom, moves) => {
      let viewport = clampViewport({ ...fitViewport(matrix), zoom }, matrix, size);
      for (const [dx, dy] of moves) viewport = panBy(viewport, matrix, size, dx, dy);
      const { across, down, left, top } = project(viewport, matrix, size);
      expect(Math.max(across, down)).toBeLessThanOrEqual(MAX_CELL * (1 + 1e-9));
      if (matrix.columns * across > size.width) {
        expect(left).toBeLessThanOrEqual(1e-4);
        expect(left + matrix.columns * across).toBeGreaterThanOrEqual(size.width - 1e-4);
      }
      if (matrix.rows * down > size.height) {
        expect(top).toBeLessThanOrEqual(1e-4);
        expect(top + matrix.rows * down).toBeGreaterThanOrEqual(size.height - 1e-4);
      }
    }),
  );
});

test("a revealed cell is in sight, and found at its middle", () => {
  fc.assert(
    fc.property(
      matrices,
      sizes,
      share,
      share,
      fc.double({ min: 1, max: 50, noNaN: true }),
      (matrix, size, u, v, zoom) => {
        const cell = { row: Math.floor(u * (matrix.rows - 1)), column: Math.floor(v * (matrix.columns - 1)) };
        const viewport = reveal(clampViewport({ ...fitViewport(matrix), zoom }, matrix, size), matrix, size, cell);
        const projection = project(viewport, matrix, size);
        const x = projection.left + (cell.column + 0.5) * projection.across;
        const y = projection.top + (cell.row + 0.5) * projection.down;
        expect(x).toBeGreaterThanOrEqual(-1e-6);
        expect(x).toBeLessThanOrEqual(size.width + 1e-6);
        expect(y).toBeGreaterThanOrEqual(-1e-6);
        expect(y).toBeLessThanOrEqual(size.height + 1e-6);
        expect(cellAt(projection, matrix, x, y)).toEqual(cell);
      },
    ),
  );
});

test("the unfilled end of a wrapped vector is outside, and steps stop before it", () => {
  const matrix = { rows: 7, columns: 16, elements: 100 };
  expect(isInside(matrix, { row: 6, column: 3 })).toBe(true);
  expect(isInside(matrix, { row: 6, column: 4 })).toBe(false);
  expect(stepCell(matrix, { row: 5, column: 12 }, 1, 0)).toEqual({ row: 6, column: 3 });
  expect(stepCell(matrix, { row: 0, column: 0 }, -5, -5)).toEqual({ row: 0, column: 0 });
});
