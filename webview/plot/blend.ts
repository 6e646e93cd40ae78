/** From shares to colours: the pixels of trim masks, elected signs and τ_m. Pure, so that tests can ask for a pixel. */
import type { Tile } from "../../src/protocol/tiles";
import { FULL_SHARE } from "../../src/protocol/tiles";

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

export interface PlotPalette {
  /** Nobody keeps the entry. */
  background: Rgb;
  positive: Rgb;
  negative: Rgb;
  conflict: Rgb;
}

export const mix = (from: Rgb, to: Rgb, share: number): Rgb => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

/**
 * How strongly a share from 0 to 1 is drawn. The square root keeps a few entries in a large block visible
 * (the eye would lose 1 % of a colour); the legend has the same scale.
 */
export const shareStrength = (share: number): number => Math.sqrt(Math.min(Math.max(share, 0), 1));

/**
 * A pixel whose block has shares of positive and negative entries, `marked` of them in conflict.
 * One sign alone gives its pure colour, both give the mix in their proportion.
 */
export function signColor(positive: number, negative: number, marked: number, palette: PlotPalette): Rgb {
  const share = positive + negative;
  if (share <= 0 && marked <= 0) return palette.background;
  const signs = share > 0 ? mix(palette.positive, palette.negative, negative / share) : palette.conflict;
  const hue = share > 0 ? mix(signs, palette.conflict, Math.min(1, marked / share)) : palette.conflict;
  return mix(palette.background, hue, shareStrength(Math.max(share, marked)));
}

/** A pixel of τ_m on the diverging scale from −limit to +limit; strength is the square root of |value| / limit. */
export function valueColor(value: number, limit: number, palette: PlotPalette): Rgb {
  if (value === 0 || !(limit > 0) || Number.isNaN(value)) return palette.background;
  return mix(
    palette.background,
    value > 0 ? palette.positive : palette.negative,
    shareStrength(Math.abs(value) / limit),
  );
}

export type Picture = { kind: "mask"; model: number } | { kind: "elected" } | { kind: "merged" };

export const pictureKey = (picture: Picture): string =>
  picture.kind === "mask" ? `mask ${picture.model}` : picture.kind;

export interface PaintOptions {
  palette: PlotPalette;
  /** Whether conflicts (and in masks: entries that lost the election) have their own colour. */
  showConflicts: boolean;
  /** End of the scale of τ_m. */
  limit: number;
}

/** RGBA pixels of one picture of a tile, row-major [height][width][4]. */
export function paintTile(tile: Tile, picture: Picture, options: PaintOptions): Uint8ClampedArray<ArrayBuffer> {
  const pixels = tile.width * tile.height;
  const rgba = new Uint8ClampedArray(new ArrayBuffer(pixels * 4));
  const colorAt = pixelColor(tile, picture, options);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const [red, green, blue] = colorAt(pixel);
    const at = pixel * 4;
    rgba[at] = red;
    rgba[at + 1] = green;
    rgba[at + 2] = blue;
    rgba[at + 3] = 255;
  }
  return rgba;
}

function pixelColor(tile: Tile, picture: Picture, options: PaintOptions): (pixel: number) => Rgb {
  const { palette, showConflicts, limit } = options;
  const pixels = tile.width * tile.height;
  if (picture.kind === "merged") return (pixel) => valueColor(tile.merged[pixel] ?? 0, limit, palette);
  const isMask = picture.kind === "mask";
  const planes = isMask ? tile.kept : tile.elected;
  const marks = isMask ? tile.lost : tile.elected;
  const positiveAt = isMask ? picture.model * 2 * pixels : 0;
  const marksAt = isMask ? picture.model * pixels : 2 * pixels;
  const share = (plane: Uint16Array, at: number): number => (plane[at] ?? 0) / FULL_SHARE;
  return (pixel) =>
    signColor(
      share(planes, positiveAt + pixel),
      share(planes, positiveAt + pixels + pixel),
      showConflicts ? share(marks, marksAt + pixel) : 0,
      palette,
    );
}
