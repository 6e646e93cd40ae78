/** Tiles straight from the entries: the true share under every pixel, wherever rows and ties end. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import { drawTile } from "../../src/engine/stats/drawTile";
import { matrixShape, TILE_SIZE } from "../../src/protocol/tiles";
import { expectTrueShares, PICTURED_MODELS, picturedSource, picturedVectors } from "../fixtures/picturedTensor";

const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 })),
  // Rows of whole octets, some of which are the tile's own.
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom(8, 64, 128, 256)),
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 7 }), fc.constant(3), fc.constant(3)),
  fc.tuple(fc.integer({ min: 1, max: 30_000 })),
);
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe.each(["plain", "simd"] as const)("with the %s kernels", (name) => {
  const kernels = chooseKernels(name).kernelsFor(PICTURED_MODELS);

  test("every pixel of every tile", () => {
    fc.assert(
      fc.property(
        shapes,
        fc.integer(),
        fc.oneof(
          fc.constantFrom([0, 0], [1, 1], [2, 2]),
          // Of a pyramid that begins coarser, and of matrices that fill their picture.
          fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })),
        ),
        fc.tuple(shares, shares),
        (shape, seed, [level, columnLevel], at) => {
          const matrix = matrixShape(shape);
          const taus = picturedVectors(matrix.elements, seed);
          const tieEnds = [Math.floor(at[0] * matrix.elements), at[1] > 0.8 ? Infinity : at[1] * matrix.columns];
          const source = picturedSource(taus, kernels, tieEnds.map(Math.floor));
          const levels = level === columnLevel ? { level } : { level, columnLevel };
          for (let row = 0; row * TILE_SIZE * 2 ** level < matrix.rows; row++) {
            for (let column = 0; column * TILE_SIZE * 2 ** columnLevel < matrix.columns; column++) {
              const tile = drawTile(shape, { tensor: "w", ...levels, row, column }, source);
              expectTrueShares(tile, matrix, taus, tieEnds.map(Math.floor));
            }
          }
        },
      ),
      { numRuns: 24 },
    );
  });
});

test("many rows are one chunk", () => {
  const [rows, columns] = [256, 1024];
  const taus = picturedVectors(rows * columns, 1);
  let chunks = 0;
  const kernels = chooseKernels().kernelsFor(PICTURED_MODELS);
  const source = {
    ...picturedSource(taus, kernels, [Infinity, Infinity]),
    betweenChunks: () => {
      chunks++;
    },
  };
  drawTile([rows, columns], { tensor: "w", level: 1, row: 0, column: 1 }, source);
  // 256 rows of 256 entries.
  expect(chunks).toBeLessThanOrEqual(2);
});
