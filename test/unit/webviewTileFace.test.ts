/** The sign of a cell whose values are not at hand comes from the tile, where all of the pixel's block has it. */
import { expect, test } from "vitest";
import { FULL_SHARE, type Tile } from "../../src/protocol/tiles";
import type { PaintOptions, Picture } from "../../webview/plot/blend";
import { tileFaces } from "../../webview/plot/tileFace";

const HALF = FULL_SHARE >> 1;
/** Four pixels: all +, all − and in conflict, half +, kept by nobody. */
const TILE: Tile = {
  tensor: "w",
  level: 0,
  row: 0,
  column: 0,
  width: 4,
  height: 1,
  models: 1,
  kept: Uint16Array.of(FULL_SHARE, 0, HALF, 0, 0, FULL_SHARE, 0, 0),
  lost: Uint16Array.of(FULL_SHARE, 0, 0, 0),
  elected: Uint16Array.of(FULL_SHARE, 0, HALF, 0, 0, FULL_SHARE, 0, 0, 0, FULL_SHARE, 0, 0),
  merged: Float32Array.of(1, -2, 3, 0),
};
const OPTIONS: PaintOptions = {
  palette: { background: [0, 0, 0], positive: [255, 0, 0], negative: [0, 0, 255], conflict: [255, 0, 255] },
  showConflicts: true,
  overlay: null,
  limit: 4,
};
const faces = (picture: Picture, options: Partial<PaintOptions> = {}, tile = TILE): (string | null)[] => {
  const of = tileFaces(tile, picture, { ...OPTIONS, ...options });
  return [0, 1, 2, 3].map((pixel) => {
    const face = of(pixel);
    return face && `${face.glyph}${face.text}${face.marked ? " marked" : ""}`;
  });
};

test("one sign in all of a block has its glyph and no value", () => {
  expect(faces({ kind: "elected" })).toEqual(["+", "− marked", null, null]);
  expect(faces({ kind: "mask", model: 0 })).toEqual(["+ marked", "−", null, null]);
  expect(faces({ kind: "merged" })).toEqual(["+", "− marked", null, null]);
});

test("what is switched off or filtered is not marked, or not drawn", () => {
  expect(faces({ kind: "elected" }, { showConflicts: false })).toEqual(["+", "−", null, null]);
  expect(faces({ kind: "elected" }, { overlay: { kind: "conflicts" } })).toEqual([null, null, null, null]);
});

test("a mean of another sign than the elected one says nothing of single entries", () => {
  const tile = { ...TILE, merged: Float32Array.of(-1, 0, 3, 0) };
  expect(faces({ kind: "merged" }, {}, tile)).toEqual([null, null, null, null]);
});
