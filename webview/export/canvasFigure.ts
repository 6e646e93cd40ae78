/** Pictures that stand on canvases, such as the trim masks of a tensor, as one figure with their headings and legend. */
import type { Figure } from "./figure";
import { element, fitted, label } from "./figure";
import type { FigureColors } from "./figureColors";
import { keyLegend } from "./scaleLegend";

export interface CanvasPicture {
  canvas: HTMLCanvasElement;
  heading: string;
}

export interface CanvasFigureOptions extends Pick<Figure, "name" | "title" | "subtitle"> {
  /** Pictures of one row are equally wide. */
  rows: readonly (readonly CanvasPicture[])[];
  keys: (colors: FigureColors) => readonly { fill: string; text: string }[];
}

const WIDTH = 880;
const GAP = 14;
const HEADING = 18;

export function canvasFigure({ rows, keys, ...words }: CanvasFigureOptions): Figure {
  let height = 0;
  const placed = rows
    .filter((row) => row.length > 0)
    .flatMap((row) => {
      const width = (WIDTH - GAP * (row.length - 1)) / row.length;
      const top = height;
      const tall = row.map(({ canvas }) => (canvas.width > 0 ? (width * canvas.height) / canvas.width : 0));
      height += HEADING + Math.max(...tall) + GAP;
      return row.map((picture, at) => ({ picture, x: at * (width + GAP), y: top, width, height: tall[at] ?? 0 }));
    });
  // As they are now: what is shown may change before somebody has chosen a name.
  const images = placed.map(({ picture }) => (picture.canvas.width > 0 ? picture.canvas.toDataURL("image/png") : ""));
  return {
    ...words,
    width: WIDTH,
    height: height + 16,
    drawing: (colors) =>
      [
        ...placed.map(
          ({ picture, x, y, width, height: tall }, at) =>
            label(fitted(picture.heading, width, 12), x, y + 12, { "font-size": 12, "font-weight": 600 }) +
            (images[at]
              ? element("image", {
                  x,
                  y: y + HEADING,
                  width,
                  height: tall,
                  href: images[at],
                  // Pixels are shares of blocks: nothing in between is known.
                  "image-rendering": "pixelated",
                })
              : ""),
        ),
        keyLegend(keys(colors), colors, 0, height),
      ].join(""),
  };
}
