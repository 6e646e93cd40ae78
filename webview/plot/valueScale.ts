/** The end of the diverging scale of τ_m: steady while one pans, and not set by a single outlier. */

/** Share of the non-zero values that lie within the scale; the rest is drawn as its end. */
const WITHIN = 0.95;

/** The magnitude that 95 % of the non-zero values do not exceed; 0 where there are none. */
export function typicalLargest(values: ArrayLike<number>): number {
  const magnitudes: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const magnitude = Math.abs(values[index] ?? 0);
    if (magnitude > 0 && Number.isFinite(magnitude)) magnitudes.push(magnitude);
  }
  magnitudes.sort((a, b) => a - b);
  return magnitudes[Math.min(magnitudes.length - 1, Math.floor(magnitudes.length * WITHIN))] ?? 0;
}

/** The least of 1, 1.5, 2, 3, 4, 5, 6, 8 × 10^k that is not below `value`; 0 for 0. */
export function niceCeiling(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 0;
  const exponent = Math.floor(Math.log10(value));
  for (const step of [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) {
    // Written as a literal so that 2e-3 is 0.002 and not 0.0020000000000000005.
    const candidate = Number(`${step}e${exponent}`);
    if (candidate >= value * (1 - 1e-12)) return candidate;
  }
  return value;
}
