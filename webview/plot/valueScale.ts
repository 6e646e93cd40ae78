/** The end of the diverging scale of τ_m: steady while one pans, and not set by a single outlier. */

/** Share of the non-zero values that lie within the scale; the rest is drawn as its end. */
const WITHIN = 0.95;

/** Float32 magnitudes are as large as their bits; buckets of these bits hold those that have the upper ones in common. */
const BUCKET_SHIFT = 16;
const INFINITE = 0x7f800000;
const buckets = new Uint32Array(INFINITE >> BUCKET_SHIFT);

/**
 * The magnitude that 95 % of the non-zero values do not exceed; 0 where there are none. Counted, not sorted: it is
 * asked for with each tile, while a person pans.
 */
export function typicalLargest(values: Float32Array): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const magnitudeOf = (at: number): number => (bits[at] ?? 0) & 0x7fffffff;
  const isCounted = (magnitude: number): boolean => magnitude > 0 && magnitude < INFINITE;
  buckets.fill(0);
  let counted = 0;
  for (let at = 0; at < bits.length; at++) {
    const magnitude = magnitudeOf(at);
    if (!isCounted(magnitude)) continue;
    const bucket = magnitude >> BUCKET_SHIFT;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    counted++;
  }
  if (counted === 0) return 0;
  let rank = Math.min(counted - 1, Math.floor(counted * WITHIN));
  let bucket = 0;
  while (rank >= (buckets[bucket] ?? 0)) rank -= buckets[bucket++] ?? 0;
  const within: number[] = [];
  for (let at = 0; at < bits.length; at++) {
    const magnitude = magnitudeOf(at);
    if (isCounted(magnitude) && magnitude >> BUCKET_SHIFT === bucket) within.push(Math.abs(values[at] ?? 0));
  }
  return within.sort((a, b) => a - b)[rank] ?? 0;
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
