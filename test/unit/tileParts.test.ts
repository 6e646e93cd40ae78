/** A part of a tile has the planes of the whole one, and nothing else. */
import { expect, test } from "vitest";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import { countRegion } from "../../src/engine/stats/countRegion";
import { drawTile } from "../../src/engine/stats/drawTile";
import { createPyramid, tileOfPyramid } from "../../src/engine/stats/pyramid";
import { matrixShape, type Tile, type TileRequest } from "../../src/protocol/tiles";
import { checkTile } from "../../webview/plot/checkPictures";
import { PICTURED_MODELS, picturedSource, picturedVectors } from "../fixtures/picturedTensor";

const shape = [203, 150];
const matrix = matrixShape(shape);
const source = picturedSource(picturedVectors(matrix.elements, 11), chooseKernels("simd").kernelsFor(PICTURED_MODELS), [
  Infinity,
  Infinity,
]);
const pyramid = createPyramid(matrix, PICTURED_MODELS, 3);
countRegion(pyramid, { row: 0, column: 0, rows: matrix.rows, columns: matrix.columns }, source);

const tileAt = (request: TileRequest): Tile =>
  request.level < 3 ? drawTile(shape, request, source) : tileOfPyramid(pyramid, request);

test.each([0, 1, 2, 3, 4, 7])("level %i", (level) => {
  const request = { tensor: "w", level, row: 0, column: 0 };
  const whole = tileAt(request);
  const [models, merge] = (["models", "merge"] as const).map((planes) => tileAt({ ...request, planes }));
  expect([models!.planes, merge!.planes, whole.planes]).toEqual(["models", "merge", undefined]);
  expect([models!.kept, models!.lost]).toEqual([whole.kept, whole.lost]);
  expect([merge!.elected, merge!.merged]).toEqual([whole.elected, whole.merged]);
  expect([models!.elected, models!.merged, merge!.kept, merge!.lost].map(({ length }) => length)).toEqual([0, 0, 0, 0]);
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
