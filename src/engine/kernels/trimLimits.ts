import type { TrimRule } from "../merge/trim";

/** A trim rule in the bits of float32 magnitudes: what stays lies above a limit, before and from entry `ties` on. */
export interface TrimLimits {
  ties: number;
  atLeast: number;
  above: number;
}

const value = new Float32Array(1);
const bits = new Int32Array(value.buffer);

/** Limits for `count` entries from flat index `start` on. No limit is below 0: an entry that is 0 does not stay. */
export function trimLimits({ threshold, tieEnd }: TrimRule, start: number, count: number): TrimLimits {
  // A threshold between two float32 (from a unit with F64 tensors) equals no entry.
  value[0] = threshold;
  const below = value[0] > threshold ? bits[0] - 1 : bits[0];
  const from = value[0] < threshold ? bits[0] + 1 : bits[0];
  return {
    ties: Math.max(0, Math.min(count, tieEnd - start)),
    atLeast: Math.max(0, from - 1),
    above: below,
  };
}
