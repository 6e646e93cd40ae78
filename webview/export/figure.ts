/** Pictures as SVG that stands alone: title, unit and legend within, colours resolved, nothing loaded. */
import type { FigureColors } from "./figureColors";

/** A drawing in its own coordinates, with what must be read beside it. */
export interface Figure {
  /** Stem of the file's name. */
  name: string;
  title: string;
  /** What is shown, of which models, in which unit. */
  subtitle: string;
  width: number;
  height: number;
  /** SVG markup. */
  drawing(colors: FigureColors): string;
}

const PADDING = 16;
const TITLE_SIZE = 15;
const TEXT_SIZE = 11;
const LINE = 16;
/** Of one letter, on average, as a share of the size of the type. */
const LETTER = 0.54;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML has no place for control characters, which names of tensors may have. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (c) => ENTITIES[c] ?? c);

type Attributes = Readonly<Record<string, string | number | undefined>>;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(typeof value === "number" ? short(value) : String(value))}"`);
  return `<${name}${written.join("")}>${children.join("")}</${name}>`;
}

/** Text at its baseline. */
export const label = (text: string, x: number, y: number, attributes: Attributes = {}): string =>
  element("text", { x, y, "font-size": TEXT_SIZE, ...attributes }, escapeXml(text));

const short = (value: number): string => String(Number(value.toFixed(3)));

/** Cut to what fits. */
export function fitted(text: string, width: number, size = TEXT_SIZE): string {
  const most = Math.max(1, Math.floor(width / (size * LETTER)));
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}

/** Width that a text takes, about. */
export const textWidth = (text: string, size = TEXT_SIZE): number => text.length * size * LETTER;

export interface DrawnFigure {
  svg: string;
  width: number;
  height: number;
}

/** The whole picture: ground, title, subtitle, drawing. */
export function drawFigure(figure: Figure, colors: FigureColors): DrawnFigure {
  const lines = wrap(figure.subtitle, Math.max(figure.width, 320));
  const top = PADDING + TITLE_SIZE + 6 + lines.length * LINE + 8;
  const width = Math.ceil(Math.max(figure.width, 320, textWidth(figure.title, TITLE_SIZE)) + 2 * PADDING);
  const height = Math.ceil(top + figure.height + PADDING);
  const svg = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "font-family": colors.fontFamily,
      fill: colors.foreground,
    },
    element("title", {}, escapeXml(figure.title)),
    element("desc", {}, escapeXml(figure.subtitle)),
    element("rect", { width, height, fill: colors.background }),
    label(figure.title, PADDING, PADDING + TITLE_SIZE, { "font-size": TITLE_SIZE, "font-weight": 600 }),
    ...lines.map((line, at) =>
      label(line, PADDING, PADDING + TITLE_SIZE + 4 + (at + 1) * LINE, { fill: colors.muted }),
    ),
    element("g", { transform: `translate(${PADDING} ${top})` }, figure.drawing(colors)),
  );
  return { svg, width, height };
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
