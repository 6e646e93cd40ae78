import type { Values } from "./values";

/** Scratch for rows of up to so many entries. */
export interface RankScratch {
  order: Uint32Array;
  sorted: Uint32Array;
}

export const allocateRankScratch = (length: number): RankScratch => ({
  order: new Uint32Array(length),
  sorted: new Uint32Array(length),
});

/** Of shorter rows keys are sorted, magnitude and index in one: counting digits would take longer. */
const LEAST_COUNTED = 512;
const keys = new Float64Array(LEAST_COUNTED);
/** Magnitudes of float32 are 31 bits: three digits. */
const DIGIT_BITS = 11;
const DIGITS = 3;
const DIGIT = 2 ** DIGIT_BITS - 1;
const MAGNITUDE = 0x7fffffff;
const counts = new Uint32Array(2 ** DIGIT_BITS);

/**
 * The ranks of a row's entries in the order of their magnitudes: 0 for the smallest, n − 1 for the largest, of equal
 * ones the first counting as smaller.
 */
export function rankRow(row: Values, count: number, scratch: RankScratch, out: Uint32Array): void {
  const order = orderOf(row, count, scratch);
  for (let rank = 0; rank < count; rank++) out[order[rank]] = rank;
}

function orderOf(row: Values, count: number, scratch: RankScratch): Uint32Array {
  if (row instanceof Float32Array) {
    return count < LEAST_COUNTED ? orderByKeys(row, count, scratch) : orderByDigits(row, count, scratch);
  }
  const order = scratch.order.subarray(0, count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order.sort((a, b) => Math.abs(row[a]) - Math.abs(row[b]) || a - b);
}

function orderByKeys(row: Float32Array, count: number, { order }: RankScratch): Uint32Array {
  const bits = new Uint32Array(row.buffer, row.byteOffset, count);
  for (let i = 0; i < count; i++) keys[i] = (bits[i] & MAGNITUDE) * LEAST_COUNTED + i;
  const sorted = keys.subarray(0, count).sort();
  for (let rank = 0; rank < count; rank++) order[rank] = sorted[rank] % LEAST_COUNTED;
  return order;
}

/** Sorts by the digits of the magnitudes' bits, the lowest first; each pass leaves equal ones in their order. */
function orderByDigits(row: Float32Array, count: number, { order, sorted }: RankScratch): Uint32Array {
  const bits = new Uint32Array(row.buffer, row.byteOffset, count);
  let [from, to] = [order, sorted];
  for (let i = 0; i < count; i++) from[i] = i;
  for (let digit = 0; digit < DIGITS; digit++) {
    const shift = digit * DIGIT_BITS;
    counts.fill(0);
    for (let i = 0; i < count; i++) counts[((bits[i] & MAGNITUDE) >>> shift) & DIGIT]++;
    let before = 0;
    for (let value = 0; value < counts.length; value++) {
      const here = counts[value];
      counts[value] = before;
      before += here;
    }
    for (let i = 0; i < count; i++) {
      const at = from[i];
      to[counts[((bits[at] & MAGNITUDE) >>> shift) & DIGIT]++] = at;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** A rank's place in its row, from 0 to 1; the only entry of a row is in the middle. */
export const placeOf = (rank: number, length: number): number => (length === 1 ? 1 / 2 : rank / (length - 1));

/** Entries that belong to one output: all behind the first dimension. A vector is one row. */
export const rowLength = (shape: readonly number[], elements: number): number =>
  shape.length < 2 ? elements : elements / Math.max(1, shape[0]);
