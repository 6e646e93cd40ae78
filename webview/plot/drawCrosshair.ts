/** Draws the parameter under the pointer, the pinned one, and the frame around the matrix. */
import { GLYPH_CELL } from "./drawCells";
import type { ThemeColors } from "./themeColors";
import type { Cell, Projection, Size } from "./viewport";
import { cellSize } from "./viewport";

/** Smallest box around a parameter that the eye finds, in CSS pixels. */
const LEAST_BOX = 9;

/** Lines through the cell over the whole picture and a box around it, with a halo that shows on any colour. */
export function drawCrosshair(
  context: CanvasRenderingContext2D,
  projection: Projection,
  size: Size,
  cell: Cell,
  pinned: boolean,
  colors: ThemeColors,
): void {
  const x = projection.left + (cell.column + 0.5) * projection.across;
  const y = projection.top + (cell.row + 0.5) * projection.down;
  const scale = cellSize(projection);
  const edge = Math.max(LEAST_BOX, scale);
  const half = edge / 2;
  context.save();
  context.beginPath();
  // Among single parameters the box is enough; lines would cross the values.
  if (scale < GLYPH_CELL) traceLines(context, x, y, half, size);
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.strokeStyle = colors.crosshair;
  context.stroke();
  context.globalAlpha = 1;
  const box = (inset: number, width: number, color: string): void => {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.strokeRect(x - half + inset, y - half + inset, edge - 2 * inset, edge - 2 * inset);
  };
  box(0, pinned ? 4 : 3, colors.halo);
  box(0, pinned ? 2 : 1.25, colors.crosshair);
  context.restore();
}

/** The row and the column of the cell, up to its box. */
function traceLines(context: CanvasRenderingContext2D, x: number, y: number, half: number, size: Size): void {
  context.moveTo(Math.round(x) + 0.5, 0);
  context.lineTo(Math.round(x) + 0.5, y - half);
  context.moveTo(Math.round(x) + 0.5, y + half);
  context.lineTo(Math.round(x) + 0.5, size.height);
  context.moveTo(0, Math.round(y) + 0.5);
  context.lineTo(x - half, Math.round(y) + 0.5);
  context.moveTo(x + half, Math.round(y) + 0.5);
  context.lineTo(size.width, Math.round(y) + 0.5);
}
