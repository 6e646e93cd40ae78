/**
 * What the pictures of a tensor count, eight entries at a time: the finest grain that the kernels count, from which
 * every coarser pixel is a sum. Octet k holds the entries 8k … 8k + 7 of a chunk; the last may hold fewer.
 */
import type { TiesSteps } from "../merge/tiesSteps";

/** Entries of one octet. */
export const OCTET = 8;

/**
 * Planes of counts, in this order: of each model the entries kept with + and with −; of each model the kept entries
 * that lose the election; the entries with γ > 0 and with γ < 0; the entries kept with both signs.
 */
export const planeCount = (models: number): number => 3 * models + 3;
export const positivePlane = (model: number): number => 2 * model;
export const negativePlane = (model: number): number => 2 * model + 1;
export const lostPlane = (models: number, model: number): number => 2 * models + model;
/** γ > 0, then γ < 0, then conflicts. */
export const electedPlane = (models: number): number => 3 * models;

/** Counts of one chunk, until the next one is counted. */
export interface OctetCounts {
  /** [plane][octet], a plane every `stride` bytes. */
  counts: Uint8Array;
  stride: number;
  /** [octet]: Σ τ_m in float64, even entries and odd ones apart and then together. */
  sums: Float64Array;
}

/** The plain way: `steps` have run on `count` entries. */
export function countOctets(steps: TiesSteps, models: number, count: number, into: OctetCounts): void {
  const { counts, stride, sums } = into;
  const octets = Math.ceil(count / OCTET);
  const elected = electedPlane(models) * stride;
  for (let plane = 0; plane < planeCount(models); plane++) counts.fill(0, plane * stride, plane * stride + octets);
  for (let octet = 0; octet < octets; octet++) {
    const end = Math.min(count, (octet + 1) * OCTET);
    let even = 0;
    let odd = 0;
    for (let i = octet * OCTET; i < end; i++) {
      const gamma = steps.gamma[i];
      let above = 0;
      let below = 0;
      for (let t = 0; t < models; t++) {
        const value = steps.trimmed[t][i];
        if (value === 0) continue;
        if (value > 0) above = 1;
        else below = 1;
        counts[(value > 0 ? positivePlane(t) : negativePlane(t)) * stride + octet]++;
        if (!(steps.votes[t][i] * gamma > 0)) counts[lostPlane(models, t) * stride + octet]++;
      }
      if (gamma > 0) counts[elected + octet]++;
      else if (gamma < 0) counts[elected + stride + octet]++;
      counts[elected + 2 * stride + octet] += above & below;
      if (i % 2 === 0) even += steps.merged[i];
      else odd += steps.merged[i];
    }
    sums[octet] = even + odd;
  }
}
