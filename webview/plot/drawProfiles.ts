/** Draws a picture's profiles on the strips at its right and its lower edge. */
import { formatMagnitude, formatShare } from "../text/numbers";
import type { Picture } from "./blend";
import { packed } from "./blend";
import type { Profile, Profiles } from "./profiles";
import { profileEnd } from "./profiles";
import type { ThemeColors } from "./themeColors";
import type { Projection, Size } from "./viewport";

/** The strips beside a picture: canvases as long as its edges, and what says where their one scale ends. */
export interface Strips {
  rows: HTMLCanvasElement;
  columns: HTMLCanvasElement;
  end: HTMLElement;
}

/** Profiles grow away from the picture; those of τ_m go both ways from the middle. */
export function drawProfiles(
  strips: Strips,
  ratio: number,
  projection: Projection,
  size: Size,
  picture: Picture,
  profiles: Profiles | null,
  colors: ThemeColors,
): void {
  const end = profiles ? Math.max(profileEnd(profiles.rows, picture), profileEnd(profiles.columns, picture)) : 0;
  const label = picture.kind === "merged" ? formatMagnitude(end, 0) : formatShare(end, 0);
  if (strips.end.textContent !== label) strips.end.textContent = label;
  for (const along of ["rows", "columns"] as const) {
    const canvas = strips[along];
    const context = canvas.getContext("2d");
    if (!context) continue;
    const depth = along === "rows" ? canvas.clientWidth : canvas.clientHeight;
    const length = along === "rows" ? size.height : size.width;
    fit(canvas, ratio, along === "rows" ? { width: depth, height: length } : { width: length, height: depth });
    context.clearRect(0, 0, canvas.width, canvas.height);
    const profile = profiles?.[along];
    if (!profile) continue;
    const [from, scale] = along === "rows" ? [projection.top, projection.down] : [projection.left, projection.across];
    const place = { along, from: from * ratio, scale: scale * ratio } as const;
    const image = context.createImageData(canvas.width, canvas.height);
    paintProfile(image, profile, picture, end, place, colors);
    context.putImageData(image, 0, 0);
    drawZero(context, along, picture, ratio, colors);
  }
}

function fit(canvas: HTMLCanvasElement, ratio: number, { width, height }: Size): void {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
}

/** Where a strip lies, in device pixels. */
interface Place {
  along: "rows" | "columns";
  /** Of the matrix's first row or column, from the strip's begin on. */
  from: number;
  /** Pixels of one row or column. */
  scale: number;
}

/** Pixel by pixel: strips are drawn with every frame, and hundreds of rectangles each would take most of its time. */
function paintProfile(
  { data, width, height }: ImageData,
  { positive, negative, marked, start, step }: Profile,
  picture: Picture,
  end: number,
  { along, from, scale }: Place,
  colors: ThemeColors,
): void {
  const isRows = along === "rows";
  const [length, depth] = isRows ? [height, width] : [width, height];
  const isValue = picture.kind === "merged";
  const zero = isValue ? Math.floor(depth / 2) : 0;
  const unit = end > 0 ? ((isValue ? depth / 2 : depth) - 1) / end : 0;
  const pixels = new Uint32Array(data.buffer);
  const [alongStep, awayStep] = isRows ? [width, 1] : [1, width];
  /** A bar across the strip at a place along it; its far end may cover a part of a pixel. */
  const bar = (at: number, low: number, high: number, color: number): void => {
    const whole = Math.floor(high);
    let y = Math.floor(low);
    if (y < low) pixels[at * alongStep + y * awayStep] = withAlpha(color, y + 1 - low);
    for (y = Math.ceil(low); y < whole; y++) pixels[at * alongStep + y * awayStep] = color;
    if (whole < high) pixels[at * alongStep + whole * awayStep] = withAlpha(color, high - whole);
  };
  const [up, down, marks] = [colors.positive, colors.negative, colors.conflict].map(packed) as [number, number, number];
  for (let at = 0; at < length; at++) {
    const entry = Math.floor(((at + 0.5 - from) / scale - start) / step);
    const above = (positive[entry] ?? 0) * unit;
    const below = (negative[entry] ?? 0) * unit;
    if (Number.isNaN(above)) continue;
    if (isValue) {
      if (above > 0) bar(at, zero, zero + above, up);
      if (below > 0) bar(at, zero - below, zero, down);
      continue;
    }
    const middle = below > 0 ? Math.round(above) : above;
    if (above > 0) bar(at, 0, middle, up);
    if (below > 0) bar(at, middle, above + below, down);
    const mark = (marked[entry] ?? 0) * unit;
    if (mark > 0) bar(at, 0, above + below > 0 ? Math.ceil(mark) : mark, marks);
  }
}

const withAlpha = (color: number, share: number): number =>
  ((color & 0xffffff) | (Math.round(255 * share) << 24)) >>> 0;

function drawZero(
  context: CanvasRenderingContext2D,
  along: "rows" | "columns",
  picture: Picture,
  ratio: number,
  colors: ThemeColors,
): void {
  const { width, height } = context.canvas;
  const isValue = picture.kind === "merged";
  const thick = isValue ? ratio : ratio / 2;
  context.fillStyle = colors.faint;
  if (along === "rows") context.fillRect(isValue ? Math.floor(width / 2) : 0, 0, thick, height);
  else context.fillRect(0, isValue ? Math.floor(height / 2) : 0, width, thick);
}
