/** One chart of curves as SVG, whole in itself: axes with units, curves, bands, marks of the current setting. */
import type { TemplateResult } from "lit";
import { html, nothing, svg } from "lit";
import { setStyle } from "../views/setStyle";
import type { Frame, Point } from "./axis";
import { bandPath, linePath, placeX, placeY } from "./axis";

export interface Series {
  name: string;
  /** A colour of the theme. */
  color: string;
  /** The second channel: `M`, `m` as in stroke-dasharray; empty is solid. */
  dash: string;
  points: readonly Point[];
  /** Over subsets, where it spreads. */
  band?: readonly { x: number; least: number; most: number }[];
  /** Where the current setting stands on it. */
  mark: Point | null;
}

export interface Chart {
  /** What it says, as a sentence. */
  title: string;
  subtitle: string;
  xLabel: string;
  yLabel: string;
  x: readonly [number, number];
  y: readonly [number, number];
  xTicks: readonly number[];
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  series: readonly Series[];
}

const SIZE = { width: 360, height: 190, left: 52, right: 10, top: 8, bottom: 34 };
const Y_TICKS = [0, 0.5, 1];

export function chartSvg(chart: Chart): TemplateResult {
  const frame: Frame = { ...SIZE, x: chart.x, y: chart.y };
  const [bottom, right] = [SIZE.height - SIZE.bottom, SIZE.width - SIZE.right];
  const yTicks = Y_TICKS.map((share) => chart.y[0] + share * (chart.y[1] - chart.y[0]));
  const description = chart.series
    .map(({ name, mark }) => (mark ? `${name}: ${chart.formatX(mark.x)} → ${chart.formatY(mark.y)}` : name))
    .join("; ");
  return html`<svg
    class="chart"
    viewBox="0 0 ${SIZE.width} ${SIZE.height}"
    role="img"
    aria-label="${chart.title}. ${description}"
  >
    <rect class="frame" x=${SIZE.left} y=${SIZE.top} width=${right - SIZE.left} height=${bottom - SIZE.top}></rect>
    ${yTicks.map(
      (tick) =>
        svg`<line class="grid" x1=${SIZE.left} x2=${right} y1=${placeY(frame, tick)} y2=${placeY(frame, tick)} />
          <text class="tick" x=${SIZE.left - 5} y=${placeY(frame, tick) + 3.5} text-anchor="end">${chart.formatY(tick)}</text>`,
    )}
    ${chart.xTicks.map(
      (tick) =>
        svg`<text class="tick" x=${placeX(frame, tick)} y=${bottom + 13} text-anchor="middle">${chart.formatX(tick)}</text>`,
    )}
    <text class="label" x=${(SIZE.left + right) / 2} y=${SIZE.height - 4} text-anchor="middle">${chart.xLabel}</text>
    <text
      class="label"
      x="10"
      y=${(SIZE.top + bottom) / 2}
      text-anchor="middle"
      transform="rotate(-90 10 ${(SIZE.top + bottom) / 2})"
    >
      ${chart.yLabel}
    </text>
    ${chart.series.map(({ band, color }) =>
      band && band.length > 1
        ? svg`<path class="band" d=${bandPath(frame, band)} ${setStyle({ fill: color })} />`
        : nothing,
    )}
    ${chart.series.map(
      ({ points, color, dash }) =>
        svg`<path class="curve" d=${linePath(frame, points)} stroke-dasharray=${dash} ${setStyle({ stroke: color })} />`,
    )}
    ${chart.series.map(({ mark, color }) =>
      mark
        ? svg`<line class="now" x1=${placeX(frame, mark.x)} x2=${placeX(frame, mark.x)} y1=${SIZE.top} y2=${bottom} />
            <circle class="mark-now" cx=${placeX(frame, mark.x)} cy=${placeY(frame, mark.y)} r="3.5" ${setStyle({ fill: color })} />`
        : nothing,
    )}
  </svg>`;
}
