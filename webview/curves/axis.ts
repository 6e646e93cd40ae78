/** Scales and paths of small curves. */
import { roundEnd } from "../overview/colorScale";

export interface Point {
  x: number;
  y: number;
}

export interface Frame {
  /** In the units of the SVG. */
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Both axes begin at these and end at those. */
  x: readonly [number, number];
  y: readonly [number, number];
}

export const placeX = ({ left, right, width, x: [from, to] }: Frame, x: number): number =>
  left + ((x - from) / Math.max(1e-12, to - from)) * (width - left - right);

export const placeY = ({ top, bottom, height, y: [from, to] }: Frame, y: number): number =>
  height - bottom - ((y - from) / Math.max(1e-12, to - from)) * (height - top - bottom);

const at = (frame: Frame, { x, y }: Point): string => `${placeX(frame, x).toFixed(1)} ${placeY(frame, y).toFixed(1)}`;

export const linePath = (frame: Frame, points: readonly Point[]): string =>
  points.map((point, index) => `${index === 0 ? "M" : "L"}${at(frame, point)}`).join("");

/** The area between the least and the most. */
export const bandPath = (frame: Frame, points: readonly { x: number; least: number; most: number }[]): string =>
  points.length === 0
    ? ""
    : `${linePath(
        frame,
        points.map(({ x, most }) => ({ x, y: most })),
      )}${[...points]
        .reverse()
        .map(({ x, least }) => `L${at(frame, { x, y: least })}`)
        .join("")}Z`;

/** Where a curve stands at x, between its points. */
export function valueAt(points: readonly Point[], x: number): number | null {
  const next = points.findIndex((point) => point.x >= x);
  const [right, left] = [points[next], points[Math.max(0, next - 1)]];
  if (!right || !left || left.x > x) return null;
  if (right.x === left.x) return right.y;
  return left.y + ((x - left.x) / (right.x - left.x)) * (right.y - left.y);
}

/** A round end above all of these; 1 at most for shares. */
export const axisEnd = (values: readonly number[], isShare: boolean): number => {
  const end = roundEnd(Math.max(0, ...values.filter(Number.isFinite)));
  return isShare ? Math.min(1, end) : end;
};
