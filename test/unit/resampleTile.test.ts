/** Tiles of a report, from pictures of one resolution: the shares of all entries under each pixel, up to rounding. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import { drawTile } from "../../src/engine/stats/drawTile";
import { matrixShape, type Tile } from "../../src/protocol/tiles";
import type { WholePictures } from "../../webview/report/reportData";
import { resampleTile } from "../../webview/report/resampleTile";
import { PICTURED_MODELS, picturedSource, picturedVectors } from "../fixtures/picturedTensor";

const kernels = chooseKernels().kernelsFor(PICTURED_MODELS);
const levels = fc.integer({ min: 0, max: 4 });

test("a coarser tile is that of the entries, a finer one repeats what covers it", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 128 })),
      fc.tuple(levels, levels),
      fc.tuple(levels, levels),
      (shape, [level, columnLevel], [down, across]) => {
        const matrix = matrixShape(shape);
        const source = picturedSource(picturedVectors(matrix.elements, 7), kernels, [Infinity, Infinity]);
        const at = (rows: number, columns: number) => {
          return { tensor: "w", level: rows, ...(rows === columns ? {} : { columnLevel: columns }), row: 0, column: 0 };
        };
        const stored = drawTile(shape, at(level, columnLevel), source);
        const planes = {
          kept: Uint16Array.from(stored.kept),
          lost: Uint16Array.from(stored.lost),
          elected: Uint16Array.from(stored.elected),
        };
        const pictures: WholePictures = { ...stored, ...planes, ...matrix, block: null, parameters: null };
        const coarser = resampleTile(pictures, at(level + down, columnLevel + across));
        const expected = drawTile(shape, at(level + down, columnLevel + across), source);
        for (const plane of ["kept", "lost", "elected"] as const) {
          expect(coarser[plane].length).toBe(expected[plane].length);
          expect(largestDifference(coarser[plane], expected[plane])).toBeLessThanOrEqual(2);
        }
        expect(largestDifference(coarser.merged, expected.merged)).toBeLessThan(1e-5);
        expectRepeated(resampleTile(pictures, at(0, 0)), stored, 2 ** level, 2 ** columnLevel);
      },
    ),
    { numRuns: 60 },
  );
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

function expectRepeated(tile: Tile, stored: Tile, high: number, wide: number): void {
  const repeated = tile.elected.subarray(0, tile.width * tile.height).map((_, i) => {
    const [x, y] = [i % tile.width, Math.floor(i / tile.width)];
    return stored.elected[Math.floor(y / high) * stored.width + Math.floor(x / wide)];
  });
  expect(largestDifference(repeated, tile.elected)).toBe(0);
}
