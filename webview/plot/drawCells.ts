/** Draws single parameters: grid, sign glyphs, values, and the hatching that marks conflicts without colour. */
import type { MatrixShape } from "../../src/protocol/tiles";
import { formatMagnitude } from "../text/numbers";
import type { Face, Overlay, Picture, Rgb } from "./blend";
import { signColor, valueColor } from "./blend";
import type { ParameterValues } from "./parameterAt";
import { votes } from "./parameterAt";
import type { ThemeColors } from "./themeColors";
import type { Cell, Projection, Size } from "./viewport";
import { cellSize, visibleRange } from "./viewport";

/** Smallest cell, in CSS pixels, that has a glyph; and one that has its value too. */
export const GLYPH_CELL = 14;
export const VALUE_CELL = 44;
/** A value with its sign is wider. */
const SIGNED_VALUE_CELL = 54;

export interface CellOptions {
  picture: Picture;
  colors: ThemeColors;
  showConflicts: boolean;
  overlay: Overlay;
  limit: number;
  valuesAt(cell: Cell): ParameterValues | null;
  /** What is drawn of a cell without values. */
  faceAt(cell: Cell): Face | null;
}

/** `projection` and `size` are in CSS pixels; the context is scaled to match. */
export function drawCells(
  context: CanvasRenderingContext2D,
  projection: Projection,
  matrix: MatrixShape,
  size: Size,
  options: CellOptions,
): void {
  // Cells large enough for glyphs are squares.
  const scale = cellSize(projection);
  const range = visibleRange(projection, matrix, size);
  drawGrid(context, projection, range, options.colors);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = range.rowStart; row < range.rowEnd; row++) {
    for (let column = range.columnStart; column < range.columnEnd; column++) {
      const values = options.valuesAt({ row, column });
      if (values && !isShown(values, options.overlay)) continue;
      const face = values ? cellFace(values, options) : options.faceAt({ row, column });
      if (!face) continue;
      drawFace(context, projection.left + column * scale, projection.top + row * scale, scale, face, options);
    }
  }
}

/** Whether the overlay is about this entry. */
function isShown(values: ParameterValues, overlay: Overlay): boolean {
  if (!overlay) return true;
  if (overlay.kind === "lost") return values.models[overlay.model]?.lost ?? false;
  const { positive, negative } = votes(values);
  return positive > 0 && negative > 0;
}

/** What one cell of a picture says. */
export function cellFace(
  values: ParameterValues,
  { picture, colors, showConflicts, limit }: Omit<CellOptions, "faceAt">,
): Face {
  const { positive, negative } = votes(values);
  const conflict = showConflicts && positive > 0 && negative > 0;
  const glyphOf = (value: number): Face["glyph"] => (value > 0 ? "+" : value < 0 ? "−" : "");
  if (picture.kind === "merged") {
    const text = values.merged === 0 ? "" : formatMagnitude(Math.abs(values.merged), 1);
    const fill = valueColor(values.merged, limit, colors);
    return { fill, glyph: glyphOf(values.merged), text, marked: conflict, faint: false };
  }
  if (picture.kind === "elected") {
    const { elected } = values;
    const fill = signColor(Number(elected > 0), Number(elected < 0), Number(conflict), colors);
    const text = positive + negative > 0 ? `${positive} : ${negative}` : "";
    return { fill, glyph: glyphOf(elected), text, marked: conflict, faint: false };
  }
  const model = values.models[picture.model];
  const tau = model?.taskVector ?? 0;
  const kept = model?.kept ?? false;
  const outvoted = showConflicts && (model?.lost ?? false);
  const fill = signColor(Number(kept && tau > 0), Number(kept && tau < 0), Number(outvoted), colors);
  const text =
    tau === 0 ? "" : kept ? formatMagnitude(Math.abs(tau), 1) : `${glyphOf(tau)}${formatMagnitude(Math.abs(tau), 1)}`;
  return { fill, glyph: kept ? glyphOf(tau) : "", text, marked: outvoted, faint: !kept };
}

function drawGrid(
  context: CanvasRenderingContext2D,
  { across: scale, left, top }: Projection,
  range: ReturnType<typeof visibleRange>,
  colors: ThemeColors,
): void {
  context.beginPath();
  for (let row = range.rowStart; row <= range.rowEnd; row++) {
    const y = Math.round(top + row * scale) + 0.5;
    context.moveTo(left + range.columnStart * scale, y);
    context.lineTo(left + range.columnEnd * scale, y);
  }
  for (let column = range.columnStart; column <= range.columnEnd; column++) {
    const x = Math.round(left + column * scale) + 0.5;
    context.moveTo(x, top + range.rowStart * scale);
    context.lineTo(x, top + range.rowEnd * scale);
  }
  context.strokeStyle = colors.faint;
  context.lineWidth = 1;
  context.stroke();
}

function drawFace(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  edge: number,
  face: Face,
  { colors, picture }: CellOptions,
): void {
  if (face.marked) {
    if (picture.kind === "merged") outlineCell(context, x, y, edge, colors);
    else hatchCell(context, x, y, edge, inkOn(face.fill));
  }
  const hasText = edge >= (face.faint ? SIGNED_VALUE_CELL : VALUE_CELL) && face.text !== "";
  context.fillStyle = face.faint ? colors.foreground : inkOn(face.fill);
  if (face.glyph) {
    const height = Math.min(20, Math.round(edge * 0.62));
    context.font = `600 ${height}px ${colors.fontFamily}`;
    context.fillText(face.glyph, x + edge / 2, y + edge * (hasText ? 0.38 : 0.5) + 1);
  }
  if (!hasText) return;
  context.globalAlpha = face.faint ? 0.72 : 1;
  context.font = `${edge >= 56 ? 10 : 9}px ${colors.fontFamily}`;
  context.fillText(face.text, x + edge / 2, y + edge * (face.glyph ? 0.76 : 0.5));
  context.globalAlpha = 1;
}

/** Black or white, whichever is read better on `fill`. */
function inkOn([red, green, blue]: Rgb): string {
  const linear = (channel: number): number => (channel / 255) ** 2.2;
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  return luminance > 0.18 ? "#000" : "#fff";
}

/** Diagonals in the corners, so that the glyph in the middle stays free. */
function hatchCell(context: CanvasRenderingContext2D, x: number, y: number, edge: number, ink: string): void {
  context.save();
  context.beginPath();
  context.rect(x + 1, y + 1, edge - 1, edge - 1);
  context.clip();
  context.beginPath();
  const step = Math.max(4, edge / 7);
  for (const offset of [step, step * 2]) {
    context.moveTo(x, y + offset);
    context.lineTo(x + offset, y);
    context.moveTo(x + edge - offset, y + edge);
    context.lineTo(x + edge, y + edge - offset);
  }
  context.strokeStyle = ink;
  context.globalAlpha = 0.75;
  context.lineWidth = 1.25;
  context.stroke();
  context.restore();
}

function outlineCell(context: CanvasRenderingContext2D, x: number, y: number, edge: number, colors: ThemeColors): void {
  context.save();
  context.setLineDash([3, 2]);
  context.lineWidth = 2;
  context.strokeStyle = colors.conflictCss;
  context.strokeRect(x + 2.5, y + 2.5, edge - 4, edge - 4);
  context.restore();
}
