/** The scale of colours: from 0, which is nothing, to an end that is round or fixed. */
import type { Unit } from "../statistics/statistic";

/** As many colours as style.css names: `--ties-scale-0` to `--ties-scale-4`. */
const STOPS = 5;

/** The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten; 1 where there is nothing. */
export function roundEnd(largest: number): number {
  if (!(largest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  const steps = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
  // Rounding must not lift a value that is an end itself.
  const step = steps.find((candidate) => largest / power <= candidate * (1 + 1e-12)) ?? 10;
  return Number((step * power).toPrecision(3));
}

/** A share never goes beyond 1. */
export const scaleEnd = (unit: Unit, largest: number): number =>
  unit === "share" ? Math.min(1, roundEnd(largest)) : roundEnd(largest);

/** Where a value stands on the scale, 0 to 1. */
export const onScale = (value: number, end: number): number => Math.min(1, Math.max(0, end > 0 ? value / end : 0));

/**
 * The mixture of the two neighbouring colours of the scale and the ink that is read on it, as style properties. They are
 * not custom ones, which are handed down to all that is inside: hundreds of cells change with every move of a slider.
 */
export function scaleColor(share: number): Record<string, string> {
  const at = share * (STOPS - 1);
  const below = Math.min(STOPS - 2, Math.floor(at));
  return {
    "background-color": `color-mix(in oklab, var(--ties-scale-${below + 1}) ${((at - below) * 100).toFixed(1)}%, var(--ties-scale-${below}))`,
    color: share < INK_TURNS ? "var(--ties-scale-ink-low)" : "var(--ties-scale-ink-high)",
  };
}

/** Where on the scale its colours change from those that low ink is read on to those that high ink is. */
const INK_TURNS = 0.5;
