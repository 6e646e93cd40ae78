/** What a cell says before its values are there, or where they are not to be had: of a tile, the sign that all of a pixel has. */
import { FULL_SHARE, type Tile } from "../../src/protocol/tiles";
import type { Face, PaintOptions, Picture } from "./blend";
import { planesOf, signColor, valueColor } from "./blend";

/**
 * Faces of a tile's cells by pixel, whose block holds the cell. Null where the entries of the block differ, so that the
 * sign of one of them is not known.
 */
export function tileFaces(tile: Tile, picture: Picture, options: PaintOptions): (pixel: number) => Face | null {
  const { full = FULL_SHARE } = tile;
  const isMerged = picture.kind === "merged";
  const { positive, negative, marked } = planesOf(tile, isMerged ? { kind: "elected" } : picture, options);
  return (pixel) => {
    const glyph = positive?.[pixel] === full ? "+" : negative?.[pixel] === full ? "−" : null;
    if (glyph === null) return null;
    const marks = marked?.[pixel] ?? 0;
    const face = { glyph, text: "", marked: marks === full, faint: false } as const;
    const value = tile.merged[pixel] ?? 0;
    if (isMerged) {
      const agrees = value !== 0 && value > 0 === (glyph === "+");
      return agrees ? { ...face, fill: valueColor(value, options.limit, options.palette) } : null;
    }
    return { ...face, fill: signColor(Number(glyph === "+"), Number(glyph === "−"), marks / full, options.palette) };
  };
}
