/** The layout of a tally (stats/tally.ts) of the models at hand. Places count float64 entries. */
import { models } from "./rules";

const LANES = 4;

export const CONFLICT_BEFORE = 1;
export const ELECTED_POSITIVE = 3;
export const ELECTED_NEGATIVE = 4;
export const CANCELLED = 5;
export const MERGED_SQUARED = 6;
export const MERGED_SQUARED_IF_POSITIVE = MERGED_SQUARED + LANES;
export const MERGED_SQUARED_IF_NEGATIVE = MERGED_SQUARED + 2 * LANES;
export const SUMMED_SQUARED = MERGED_SQUARED + 3 * LANES;
const MODELS = MERGED_SQUARED + 4 * LANES;

/** From the place of a model on. */
export const POSITIVE = 0;
export const NEGATIVE = 1;
export const LOST_COUNT = 2;
export const LOST_IF_POSITIVE = 3;
export const LOST_IF_NEGATIVE = 4;
export const NORM_SQUARED = 5;
export const KEPT_SQUARED = NORM_SQUARED + LANES;
export const MASS = NORM_SQUARED + 2 * LANES;
export const LOST_MASS = NORM_SQUARED + 3 * LANES;
export const MASS_POSITIVE = NORM_SQUARED + 4 * LANES;
export const MASS_NEGATIVE = NORM_SQUARED + 5 * LANES;
const MODEL_LENGTH = NORM_SQUARED + 6 * LANES;

/** From the place of a pair on. */
export const BOTH_KEPT = 0;
export const DISAGREE = 1;
export const DOT = 2;
export const PAIR_LENGTH = DOT + LANES;

export function modelAt(t: i32): i32 {
  return MODELS + t * MODEL_LENGTH;
}

/** Of models i < j. */
export function pairAt(i: i32, j: i32): i32 {
  return modelAt(models) + (i * models - (i * (i + 1)) / 2 + (j - i - 1)) * PAIR_LENGTH;
}

/** Entries that so many models keep with + and so many with −. */
export function signsAt(positive: i32, negative: i32): i32 {
  return modelAt(models) + ((models * (models - 1)) / 2) * PAIR_LENGTH + positive * (models + 1) + negative;
}

export function length(): i32 {
  return signsAt(models, models) + 1;
}
