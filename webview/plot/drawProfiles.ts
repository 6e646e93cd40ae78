/** Draws a picture's profiles on the strips at its right and its lower edge. */
import { formatMagnitude, formatShare } from "../text/numbers";
import type { Picture } from "./blend";
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
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    // One drawing for both: along the strip is x, away from the picture is y.
    if (along === "rows") context.setTransform(0, ratio, ratio, 0, 0, 0);
    else context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const profile = profiles?.[along];
    if (!profile) continue;
    const from = along === "rows" ? projection.top : projection.left;
    drawProfile(context, profile, picture, end, from, projection.scale, length, depth, colors);
  }
}

function fit(canvas: HTMLCanvasElement, ratio: number, { width, height }: Size): void {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
}

function drawProfile(
  context: CanvasRenderingContext2D,
  profile: Profile,
  picture: Picture,
  end: number,
  from: number,
  scale: number,
  length: number,
  depth: number,
  colors: ThemeColors,
): void {
  const isValue = picture.kind === "merged";
  const zero = isValue ? depth / 2 : 0;
  const reach = isValue ? depth / 2 - 1 : depth - 1;
  const unit = end > 0 ? reach / end : 0;
  const { positive, negative, marked, start, step } = profile;
  const bar = (at: number, low: number, high: number, color: string): void => {
    const begin = Math.max(0, Math.round(from + (start + at * step) * scale));
    const stop = Math.min(length, Math.round(from + (start + (at + 1) * step) * scale));
    context.fillStyle = color;
    context.fillRect(begin, low, Math.max(1, stop - begin), high - low);
  };
  const css = ([red, green, blue]: readonly number[]): string => `rgb(${red} ${green} ${blue})`;
  const [up, down] = [css(colors.positive), css(colors.negative)];
  for (let at = 0; at < positive.length; at++) {
    const above = (positive[at] ?? 0) * unit;
    const below = (negative[at] ?? 0) * unit;
    if (Number.isNaN(above)) continue;
    if (isValue) {
      if (above > 0) bar(at, zero, zero + above, up);
      if (below > 0) bar(at, zero - below, zero, down);
      continue;
    }
    if (above > 0) bar(at, 0, above, up);
    if (below > 0) bar(at, above, above + below, down);
    const mark = (marked[at] ?? 0) * unit;
    if (mark > 0) bar(at, 0, mark, colors.conflictCss);
  }
  context.fillStyle = colors.faint;
  context.fillRect(0, zero, length, isValue ? 1 : 0.5);
}
