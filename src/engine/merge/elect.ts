import type { Values } from "./values";

/**
 * γ (step 3 of TIES) into `gamma`: 1, −1, or 0 where the votes sum to exactly 0, which is so both where
 * nobody keeps the entry and where kept entries cancel.
 *
 * `mass` γ = sgn(Σ τ̂_t), summed in the order of the models in the arithmetic of `sum`; `frequency`
 * γ = sgn(Σ sgn τ̂_t).
 * @param sum scratch for one chunk.
 */
export function elect(
  trimmed: readonly Values[],
  count: number,
  consensus: "mass" | "frequency",
  sum: Values,
  gamma: Int8Array,
): void {
  sum.fill(0, 0, count);
  for (const vote of trimmed) {
    if (consensus === "mass") for (let i = 0; i < count; i++) sum[i] += vote[i];
    else for (let i = 0; i < count; i++) sum[i] += (vote[i] > 0 ? 1 : 0) - (vote[i] < 0 ? 1 : 0);
  }
  for (let i = 0; i < count; i++) gamma[i] = (sum[i] > 0 ? 1 : 0) - (sum[i] < 0 ? 1 : 0);
}

/**
 * Gives the entries that cancelled (γ = 0 although somebody keeps them) the sign `zeroSign`.
 * @param keepers how many models keep each entry.
 * @returns how many there were, and how many entries have γ > 0 and γ < 0 without them.
 */
export function resolveZeroSigns(
  gamma: Int8Array,
  keepers: Uint8Array,
  count: number,
  zeroSign: 1 | -1,
): { positive: number; negative: number; cancelled: number } {
  let positive = 0;
  let negative = 0;
  let cancelled = 0;
  for (let i = 0; i < count; i++) {
    if (gamma[i] > 0) positive++;
    else if (gamma[i] < 0) negative++;
    else if (keepers[i] > 0) {
      gamma[i] = zeroSign;
      cancelled++;
    }
  }
  return { positive, negative, cancelled };
}

/** `zero_sign: majority`: the sign of the sum of all elected signs over the whole model; a sum of 0 is negative. */
export const majoritySign = (positive: number, negative: number): 1 | -1 => (positive > negative ? 1 : -1);
