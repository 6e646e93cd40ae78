/** The legend of a scale, as part of a figure. */
import { element, label } from "./figure";
import type { FigureColors } from "./figureColors";

const STEPS = 48;
export const LEGEND_WIDTH = 200;
export const LEGEND_HEIGHT = 26;

/** A ramp from `from` to `to` with the texts below its ends and its middle. */
export function scaleLegend(
  colorAt: (share: number) => string,
  ticks: readonly [string, string, string],
  caption: string,
  colors: FigureColors,
  x: number,
  y: number,
): string {
  const step = LEGEND_WIDTH / STEPS;
  const ramp = Array.from({ length: STEPS }, (_, at) =>
    element("rect", { x: at * step, width: step + 0.3, height: 10, fill: colorAt(at / (STEPS - 1)) }),
  );
  const anchors = ["start", "middle", "end"] as const;
  return element(
    "g",
    { transform: `translate(${x} ${y})` },
    ...ramp,
    element("rect", { width: LEGEND_WIDTH, height: 10, fill: "none", stroke: colors.line }),
    ...ticks.map((tick, at) => label(tick, (at * LEGEND_WIDTH) / 2, 22, { "text-anchor": anchors[at] })),
    label(caption, LEGEND_WIDTH + 12, 9, { fill: colors.muted }),
  );
}

/** Squares with words, one after the other. */
export function keyLegend(
  keys: readonly { fill: string; text: string }[],
  colors: FigureColors,
  x: number,
  y: number,
): string {
  let at = x;
  return keys
    .map(({ fill, text }) => {
      const left = at;
      at += 18 + text.length * 6.4 + 12;
      return (
        element("rect", { x: left, y, width: 11, height: 11, fill, stroke: colors.line }) +
        label(text, left + 16, y + 9.5)
      );
    })
    .join("");
}
