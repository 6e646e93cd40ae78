/** A part of a tile has the planes of the whole one, and nothing else; counts say the same as shares. */
import { expect, test } from "vitest";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import { countRegion } from "../../src/engine/stats/countRegion";
import { drawTile } from "../../src/engine/stats/drawTile";
import { createPyramid } from "../../src/engine/stats/pyramid";
import { tileOfPyramid } from "../../src/engine/stats/pyramidTile";
import { FULL_SHARE, matrixShape, type Tile, type TileRequest } from "../../src/protocol/tiles";
import { checkTile } from "../../webview/plot/checkPictures";
import { PICTURED_MODELS, picturedSource, picturedVectors } from "../fixtures/picturedTensor";

const shape = [203, 150];
const kernels = chooseKernels("simd").kernelsFor(PICTURED_MODELS);

function tileAt(request: TileRequest, [rows, columns] = shape): Tile {
  const size = [rows ?? 0, columns ?? 0];
  const matrix = matrixShape(size);
  const source = picturedSource(picturedVectors(matrix.elements, 11), kernels, [Infinity, Infinity]);
  if (request.level < 3) return drawTile(size, request, source);
  const pyramid = createPyramid(matrix, PICTURED_MODELS, 3);
  countRegion(pyramid, { row: 0, column: 0, rows: matrix.rows, columns: matrix.columns }, source);
  return tileOfPyramid(pyramid, request);
}

test.each([0, 1, 2, 3, 4, 7])("level %i", (level) => {
  const request = { tensor: "w", level, row: 0, column: 0 };
  const whole = tileAt(request);
  const [models, merge] = (["models", "merge"] as const).map((planes) => tileAt({ ...request, planes }));
  expect([models!.planes, merge!.planes, whole.planes]).toEqual(["models", "merge", undefined]);
  expect([models!.kept, models!.lost]).toEqual([whole.kept, whole.lost]);
  expect([merge!.elected, merge!.merged]).toEqual([whole.elected, whole.merged]);
  expect([models!.elected, models!.merged, merge!.kept, merge!.lost].map(({ length }) => length)).toEqual([0, 0, 0, 0]);
});

test.each([0, 1, 2, 3, 4])("shares of level %i as counts, where every pixel covers as many entries", (level) => {
  // 203 × 150 entries end within a pixel of every level but that of single entries; 192 × 128 do not.
  for (const part of [shape, [192, 128]]) {
    const request = { tensor: "w", level, row: 0, column: 0 };
    const [shares, counts] = [tileAt(request, part), tileAt({ ...request, counts: true }, part)];
    const isCounted = level <= 3 && (level === 0 || part !== shape);
    expect(counts.full).toBe(isCounted ? 4 ** level : undefined);
    for (const plane of ["kept", "lost", "elected"] as const) {
      const asShares = [...counts[plane]].map((count) =>
        Math.round((count * FULL_SHARE) / (counts.full ?? FULL_SHARE)),
      );
      expect(asShares).toEqual([...shares[plane]]);
    }
    expect(counts.merged).toEqual(shares.merged);
    expect(checkTile(counts, request, PICTURED_MODELS)).toBe(counts);
  }
});

test("a tile answers who asked for a part of it, a part only who asked for that", () => {
  const request = { tensor: "w", level: 0, row: 0, column: 0 };
  const [whole, models] = [tileAt(request), tileAt({ ...request, planes: "models" })];
  for (const planes of ["models", "merge"] as const) {
    expect(checkTile(whole, { ...request, planes }, PICTURED_MODELS)).toBe(whole);
  }
  expect(checkTile(models, { ...request, planes: "models" }, PICTURED_MODELS)).toBe(models);
  for (const planes of ["merge", undefined] as const) {
    expect(() => checkTile(models, { ...request, planes }, PICTURED_MODELS)).toThrow("bad-message");
  }
});
