/** An SVG element of the page, such as a plot of curves, as a figure: its computed colours and type written into it. */
import type { Figure } from "./figure";
import { keyLegend } from "./scaleLegend";
import type { FigureColors } from "./figureColors";

/** What a style sheet may have said of a shape or a text. */
const PAINT = ["fill", "stroke"] as const;
const LOOK = [
  "fill-opacity",
  "stroke-opacity",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
] as const;
const SHAPES = "path,line,polyline,polygon,rect,circle,ellipse,text,tspan,g";

export interface SvgFigureOptions extends Pick<Figure, "name" | "title" | "subtitle"> {
  keys?: (colors: FigureColors) => readonly { fill: string; text: string }[];
}

export function svgFigure(source: SVGSVGElement, { keys, ...words }: SvgFigureOptions): Figure {
  const { width, height } = source.getBoundingClientRect();
  return {
    ...words,
    width,
    height: height + (keys ? 24 : 0),
    drawing: (colors) =>
      standaloneMarkup(source, width, height, colors) + (keys ? keyLegend(keys(colors), colors, 0, height + 8) : ""),
  };
}

function standaloneMarkup(source: SVGSVGElement, width: number, height: number, colors: FigureColors): string {
  const copy = source.cloneNode(true) as SVGSVGElement;
  const originals = [...source.querySelectorAll(SHAPES)];
  [...copy.querySelectorAll(SHAPES)].forEach((shape, at) => {
    const original = originals[at];
    if (!original) return;
    const style = getComputedStyle(original);
    for (const name of PAINT) {
      const value = style.getPropertyValue(name);
      shape.setAttribute(name, value === "none" || value.startsWith("url(") ? value : colors.resolve(value));
    }
    for (const name of LOOK) shape.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "style"]) shape.removeAttribute(name);
    if (style.display === "none" || style.visibility === "hidden") shape.setAttribute("display", "none");
  });
  for (const foreign of copy.querySelectorAll("script,style,foreignObject")) foreign.remove();
  for (const name of ["class", "style", "aria-hidden", "role", "tabindex"]) copy.removeAttribute(name);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return new XMLSerializer().serializeToString(copy).replaceAll("<!---->", "");
}
