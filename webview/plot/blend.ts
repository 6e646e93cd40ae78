/** From shares to colours: the pixels of trim masks, elected signs and τ_m. Pure, so that tests can ask for a pixel. */
import type { Shares, Tile, TilePlanes } from "../../src/protocol/tiles";
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

/** A pixel's bytes as one number: its lowest byte is red on every machine that browsers run on. */
export const packed = ([red, green, blue]: Rgb): number =>
  ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;

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

/** What one cell of a picture says, where cells are large enough for glyphs. */
export interface Face {
  fill: Rgb;
  glyph: "+" | "−" | "";
  text: string;
  /** The entry is in conflict, or lost the election. */
  marked: boolean;
  faint: boolean;
}

/** What alone is drawn: entries in conflict, or those that one model keeps and loses. Null: everything. */
export type Overlay = { kind: "conflicts" } | { kind: "lost"; model: number } | null;

export const overlayKey = (overlay: Overlay): string =>
  overlay === null ? "" : overlay.kind === "lost" ? `lost ${overlay.model}` : overlay.kind;

export interface PaintOptions {
  palette: PlotPalette;
  /** Whether conflicts (and in masks: entries that lost the election) have their own colour. */
  showConflicts: boolean;
  overlay: Overlay;
  /** End of the scale of τ_m. */
  limit: number;
}

/** Shares of a picture's pixels, one plane each; null where the picture has none. */
export interface PicturePlanes {
  positive: Shares | null;
  negative: Shares | null;
  /** Drawn in the colour of conflicts. */
  marked: Shares | null;
  /** Where it is 0, nothing is drawn. */
  filter: Shares | null;
}

/** The part of a tile that a picture needs; undefined is all of it. */
export function partOf(picture: Picture, overlay: Overlay): TilePlanes | undefined {
  if (picture.kind === "mask") return "models";
  return overlay?.kind === "lost" ? undefined : "merge";
}

/** Which planes of a tile a picture draws. */
export function planesOf(
  tile: Tile,
  picture: Picture,
  { showConflicts, overlay }: Omit<PaintOptions, "palette" | "limit">,
): PicturePlanes {
  const size = tile.width * tile.height;
  const plane = (planes: Shares, at: number): Shares => planes.subarray(at * size, (at + 1) * size);
  const conflicts = plane(tile.elected, 2);
  const only = overlay?.kind === "lost" ? plane(tile.lost, overlay.model) : overlay ? conflicts : null;
  if (picture.kind === "merged") return { positive: null, negative: null, marked: null, filter: only };
  if (picture.kind === "elected") {
    if (only) return { positive: null, negative: null, marked: only, filter: null };
    const marked = showConflicts ? conflicts : null;
    return { positive: plane(tile.elected, 0), negative: plane(tile.elected, 1), marked, filter: null };
  }
  const lost = plane(tile.lost, picture.model);
  if (overlay) {
    const isOthers = overlay.kind === "lost" && overlay.model !== picture.model;
    return { positive: null, negative: null, marked: isOthers ? null : lost, filter: null };
  }
  return {
    positive: plane(tile.kept, 2 * picture.model),
    negative: plane(tile.kept, 2 * picture.model + 1),
    marked: showConflicts ? lost : null,
    filter: null,
  };
}

/** RGBA pixels of one picture of a tile, row-major [height][width][4]. Rows that are not `known` stay transparent. */
export function paintTile(
  tile: Tile,
  picture: Picture,
  options: PaintOptions,
  known: Uint8Array | null = null,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(new ArrayBuffer(tile.width * tile.height * 4));
  const planes = planesOf(tile, picture, options);
  if (picture.kind === "merged") paintValues(tile.merged, planes.filter, options, rgba);
  else paintSigns(planes, tile.full ?? FULL_SHARE, options.palette, rgba);
  known?.forEach((isKnown, row) => {
    if (!isKnown) rgba.fill(0, row * tile.width * 4, (row + 1) * tile.width * 4);
  });
  return rgba;
}

// Tiles are painted while a person pans: pixel by pixel as one number each, without an object a colour.

/** Colours worked out last, by their shares: of blocks of a few entries there are few. */
const COLORS_AT_HAND = 1 << 12;
const knownShares = new Float64Array(COLORS_AT_HAND);
const knownColors = new Uint32Array(COLORS_AT_HAND);

function paintSigns(
  { positive, negative, marked }: PicturePlanes,
  full: number,
  palette: PlotPalette,
  rgba: Uint8ClampedArray<ArrayBuffer>,
): void {
  const pixels = new Uint32Array(rgba.buffer);
  const ground = packed(palette.background);
  const colorOf = packedSigns(palette);
  // No shares at all are never looked up.
  knownShares.fill(0);
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    const above = positive ? (positive[pixel] ?? 0) : 0;
    const below = negative ? (negative[pixel] ?? 0) : 0;
    const mark = marked ? (marked[pixel] ?? 0) : 0;
    if ((above | below | mark) === 0) {
      pixels[pixel] = ground;
      continue;
    }
    const shares = (above * 2 ** 16 + below) * 2 ** 16 + mark;
    const place = (Math.imul(above, 5) + Math.imul(below, 83) + Math.imul(mark, 1367)) & (COLORS_AT_HAND - 1);
    if (knownShares[place] !== shares) {
      knownShares[place] = shares;
      knownColors[place] = colorOf(above / full, below / full, mark / full);
    }
    pixels[pixel] = knownColors[place] ?? ground;
  }
}

/** `signColor`, where there are shares. */
function packedSigns({ background, positive, negative, conflict }: PlotPalette) {
  const [red0, green0, blue0] = background;
  const [red1, green1, blue1] = positive;
  const [red2, green2, blue2] = negative;
  const [red3, green3, blue3] = conflict;
  return (above: number, below: number, mark: number): number => {
    const share = above + below;
    const strength = shareStrength(Math.max(share, mark));
    const toward = share > 0 ? strength * Math.min(1, mark / share) : strength;
    const turn = share > 0 ? ((strength - toward) * below) / share : 0;
    // What each of the four colours contributes.
    const ground = 1 - strength;
    const up = strength - toward - turn;
    const red = ground * red0 + up * red1 + turn * red2 + toward * red3;
    const green = ground * green0 + up * green1 + turn * green2 + toward * green3;
    const blue = ground * blue0 + up * blue1 + turn * blue2 + toward * blue3;
    return ((255 << 24) | ((blue + 0.5) << 16) | ((green + 0.5) << 8) | (red + 0.5)) >>> 0;
  };
}

function paintValues(
  values: Float32Array,
  filter: Shares | null,
  { palette, limit }: PaintOptions,
  rgba: Uint8ClampedArray<ArrayBuffer>,
): void {
  const pixels = new Uint32Array(rgba.buffer);
  const scale = scaleOf(palette);
  const unit = limit > 0 ? 1 / limit : 0;
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    const value = filter?.[pixel] === 0 ? 0 : (values[pixel] ?? 0);
    const step = Math.floor(shareStrength(Math.abs(value) * unit) * SCALE_STEPS + 0.5) || 0;
    pixels[pixel] = scale[value > 0 ? SCALE_STEPS + step : SCALE_STEPS - step] ?? 0;
  }
}

/** More than a channel has. */
const SCALE_STEPS = 1023;
const scales = new WeakMap<PlotPalette, Uint32Array>();

/** Colours of the diverging scale by strength, from the negative end to the positive one. */
function scaleOf(palette: PlotPalette): Uint32Array {
  const known = scales.get(palette);
  if (known) return known;
  const { background, positive, negative } = palette;
  const scale = Uint32Array.from({ length: 2 * SCALE_STEPS + 1 }, (_, at) => {
    const strength = (at - SCALE_STEPS) / SCALE_STEPS;
    return packed(mix(background, strength > 0 ? positive : negative, Math.abs(strength)));
  });
  scales.set(palette, scale);
  return scale;
}
