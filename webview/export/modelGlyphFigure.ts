/** A model's mark in a figure: its colour and its glyph as on the page. */
import type { ModelGlyph } from "../views/modelMark";
import { modelColor, modelGlyph, type Marked } from "../views/modelMark";
import { element } from "./figure";
import type { FigureColors } from "./figureColors";

/** Half its width. */
const HALF = 4.5;

/** `x`, `y`: its middle. */
export function modelGlyphFigure(model: Marked, x: number, y: number, colors: FigureColors): string {
  const fill = colors.resolve(modelColor(model));
  const shapes: Record<ModelGlyph, () => string> = {
    round: () => element("circle", { cx: x, cy: y, r: HALF, fill }),
    square: () => element("rect", { x: x - HALF, y: y - HALF, width: 2 * HALF, height: 2 * HALF, rx: 1, fill }),
    diamond: () =>
      element("path", {
        d: `M${x} ${y - HALF - 1}L${x + HALF + 1} ${y}L${x} ${y + HALF + 1}L${x - HALF - 1} ${y}z`,
        fill,
      }),
    triangle: () => element("path", { d: `M${x} ${y - HALF}L${x + HALF} ${y + HALF}H${x - HALF}z`, fill }),
  };
  return shapes[modelGlyph(model)]();
}
