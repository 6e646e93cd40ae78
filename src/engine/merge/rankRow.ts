import type { Values } from "./values";

/** Keys of float32 magnitudes hold 31 bits of them and the index below: a float64 is exact up to 2^53. */
const INDEX_BITS = 21;

/**
 * The ranks of a row's entries in the order of their magnitudes: 0 for the smallest, n − 1 for the largest, of equal
 * ones the first counting as smaller.
 * @param keys scratch for `count` entries.
 */
export function rankRow(row: Values, count: number, keys: Float64Array, out: Uint32Array): void {
  if (row instanceof Float32Array && count <= 2 ** INDEX_BITS) {
    rankByKeys(row, count, keys, out);
    return;
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  order.sort((a, b) => Math.abs(row[a]) - Math.abs(row[b]) || a - b);
  for (let rank = 0; rank < count; rank++) out[order[rank]] = rank;
}

function rankByKeys(row: Float32Array, count: number, keys: Float64Array, out: Uint32Array): void {
  const bits = new Uint32Array(row.buffer, row.byteOffset, count);
  for (let i = 0; i < count; i++) keys[i] = (bits[i] & 0x7fffffff) * 2 ** INDEX_BITS + i;
  const sorted = keys.subarray(0, count).sort();
  for (let rank = 0; rank < count; rank++) out[sorted[rank] % 2 ** INDEX_BITS] = rank;
}

/** A rank's place in its row, from 0 to 1; the only entry of a row is in the middle. */
export const placeOf = (rank: number, length: number): number => (length === 1 ? 1 / 2 : rank / (length - 1));
