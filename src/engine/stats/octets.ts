/**
 * What the pictures of a tensor show, eight entries at a time: each entry by a bit of a byte, or the entries counted,
 * from which every coarser pixel is a sum. Octet k holds the entries 8k … 8k + 7 of a chunk; the last may hold fewer.
 */
import type { TilePlanes } from "../../protocol/tiles";
import type { TiesSteps } from "../merge/tiesSteps";
import type { Values } from "../merge/values";

/** Entries of one octet. */
export const OCTET = 8;

/**
 * Planes, in this order: of each model the entries kept with + and with −; of each model the kept entries
 * that lose the election; the entries with γ > 0 and with γ < 0; the entries kept with both signs.
 */
export const planeCount = (models: number): number => 3 * models + 3;
export const positivePlane = (model: number): number => 2 * model;
export const negativePlane = (model: number): number => 2 * model + 1;
export const lostPlane = (models: number, model: number): number => 2 * models + model;
/** γ > 0, then γ < 0, then conflicts. */
export const electedPlane = (models: number): number => 3 * models;

/** First plane of those that are wanted, and the one behind the last. */
export function planeRange(models: number, wanted?: TilePlanes): [begin: number, end: number] {
  return [
    wanted === "merge" ? electedPlane(models) : 0,
    wanted === "models" ? electedPlane(models) : planeCount(models),
  ];
}

/** The entries of one chunk, until the next one is looked at. */
export interface OctetMarks {
  /** [plane][octet], a plane every `stride` bytes: bit i stands for entry i of the octet. */
  marks: Uint8Array;
  stride: number;
  /** τ_m of each entry. */
  merged: Values;
}

/** Counts of one chunk, until the next one is counted. */
export interface OctetCounts {
  /** [plane][octet], a plane every `stride` bytes. */
  counts: Uint8Array;
  stride: number;
  /** [octet]: Σ τ_m in float64, even entries and odd ones apart and then together. */
  sums: Float64Array;
}

/** How many bits of a byte are set. */
export const BITS_SET = Uint8Array.from({ length: 256 }, (_, byte) => {
  let set = 0;
  for (let left = byte; left > 0; left >>= 1) set += left & 1;
  return set;
});

/** The plain way to mark: `steps` have run on `count` entries. */
export function markOctets(
  steps: TiesSteps,
  models: number,
  count: number,
  { marks, stride }: Omit<OctetMarks, "merged">,
): void {
  const octets = Math.ceil(count / OCTET);
  const elected = electedPlane(models) * stride;
  for (let plane = 0; plane < planeCount(models); plane++) marks.fill(0, plane * stride, plane * stride + octets);
  for (let i = 0; i < count; i++) {
    const octet = Math.floor(i / OCTET);
    const bit = 1 << (i % OCTET);
    const gamma = steps.gamma[i];
    let above = false;
    let below = false;
    for (let t = 0; t < models; t++) {
      const value = steps.trimmed[t][i];
      if (value === 0) continue;
      if (value > 0) above = true;
      else below = true;
      marks[(value > 0 ? positivePlane(t) : negativePlane(t)) * stride + octet] |= bit;
      if (!(steps.votes[t][i] * gamma > 0)) marks[lostPlane(models, t) * stride + octet] |= bit;
    }
    if (gamma > 0) marks[elected + octet] |= bit;
    else if (gamma < 0) marks[elected + stride + octet] |= bit;
    if (above && below) marks[elected + 2 * stride + octet] |= bit;
  }
}

/** The plain way to count: `steps` have run on `count` entries. */
export function countOctets(steps: TiesSteps, models: number, count: number, into: OctetCounts): void {
  const { counts, stride, sums } = into;
  const octets = Math.ceil(count / OCTET);
  markOctets(steps, models, count, { marks: counts, stride });
  for (let plane = 0; plane < planeCount(models); plane++) {
    const end = plane * stride + octets;
    for (let at = plane * stride; at < end; at++) counts[at] = BITS_SET[counts[at]];
  }
  for (let octet = 0; octet < octets; octet++) {
    const end = Math.min(count, (octet + 1) * OCTET);
    let even = 0;
    let odd = 0;
    for (let i = octet * OCTET; i < end; i++) {
      if (i % 2 === 0) even += steps.merged[i];
      else odd += steps.merged[i];
    }
    sums[octet] = even + odd;
  }
}
