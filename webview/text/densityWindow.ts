/** Which densities DELLA takes: of all but 0 and 1, density ± ε must be above 0 and below 1. In steps of a hundredth. */

const STEP = 0.01;
const steps = (count: number): number => Math.round(count) * STEP;
/** Sums of hundredths round. */
const SLACK = 1e-6;

/** The density that is taken for one that is asked for. */
export function takenDensity(density: number, epsilon: number): number {
  const rounded = (value: number): number => Number(value.toFixed(4));
  if (density <= 0 || density >= 1) return density;
  const least = steps(Math.floor(epsilon / STEP + SLACK) + 1);
  return rounded(Math.min(1 - least, Math.max(least, density)));
}

/** The largest ε that these densities allow. */
export function largestEpsilon(densities: readonly number[]): number {
  const inside = densities.filter((density) => density > 0 && density < 1);
  const room = Math.min(0.5, ...inside.map((density) => Math.min(density, 1 - density)));
  return Number(Math.max(0, steps(Math.ceil(room / STEP - SLACK) - 1)).toFixed(4));
}
