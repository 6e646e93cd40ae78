/** Pyramids: every level the exact count over its blocks, whatever the shape and however the regions are cut. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import { countRegion } from "../../src/engine/stats/countRegion";
import { createPyramid, derive, finestLevelWithin, pyramidBytes, regionGrain } from "../../src/engine/stats/pyramid";
import { tileOfPyramid } from "../../src/engine/stats/pyramidTile";
import { matrixShape } from "../../src/protocol/tiles";
import { expectTrueShares, PICTURED_MODELS, picturedSource, picturedVectors } from "../fixtures/picturedTensor";

const kernels = chooseKernels("plain").kernelsFor(PICTURED_MODELS);
const ALL = [Infinity, Infinity];

const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 200, max: 2000 }), fc.integer({ min: 1, max: 40 })),
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 200, max: 2000 })),
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 })),
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.constant(3), fc.constant(3)),
  fc.tuple(fc.integer({ min: 1, max: 30_000 })),
);

test("every level holds the counts of its blocks", () => {
  fc.assert(
    fc.property(
      shapes,
      fc.integer(),
      fc.constantFrom(3, 4, 5),
      fc.integer({ min: 1, max: 3 }),
      (shape, seed, finest, grains) => {
        const matrix = matrixShape(shape);
        const taus = picturedVectors(matrix.elements, seed);
        const pyramid = createPyramid(matrix, PICTURED_MODELS, finest);
        const edge = regionGrain(finest) * grains;
        const source = picturedSource(taus, kernels, ALL);
        for (let row = 0; row < matrix.rows; row += edge) {
          for (let column = 0; column < matrix.columns; column += edge) {
            const rows = Math.min(edge, matrix.rows - row);
            countRegion(pyramid, { row, column, rows, columns: Math.min(edge, matrix.columns - column) }, source);
          }
        }
        derive(pyramid, { row: 0, column: 0, rows: matrix.rows, columns: matrix.columns });
        for (const [level, columnLevel] of [
          [finest + 5, finest + 1],
          [finest, finest + 6],
          [finest + 7, finest + 3],
          [finest + 2, finest + 4],
        ]) {
          const long = { tensor: "w", level, columnLevel, row: 0, column: 0 };
          expectTrueShares(tileOfPyramid(pyramid, long), matrix, taus, ALL);
        }
        for (const level of [finest, finest + 1, finest + 3, finest + 4, finest + 6]) {
          expectTrueShares(tileOfPyramid(pyramid, { tensor: "w", level, row: 0, column: 0 }), matrix, taus, ALL);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a pyramid of a tensor that is too large begins coarser, and is as large as it says", () => {
  const matrix = matrixShape([150_000, 4096]);
  const whole = finestLevelWithin(2 ** 40, matrix, 4);
  expect(whole).toBe(3);
  const less = finestLevelWithin(64 * 2 ** 20, matrix, 4);
  expect(less).toBeGreaterThan(3);
  expect(pyramidBytes(matrix, 4, less)).toBeLessThanOrEqual(64 * 2 ** 20);
  for (const shape of [
    [300, 200],
    [3000, 200],
    [20, 3000],
  ]) {
    const { levels, derived } = createPyramid(matrixShape(shape), 4, 3);
    const all = [...levels, ...derived];
    const bytes = all.reduce((sum, { counts, sums }) => sum + counts.byteLength + sums.byteLength, 0);
    expect(bytes).toBe(pyramidBytes(matrixShape(shape), 4, 3));
  }
});
