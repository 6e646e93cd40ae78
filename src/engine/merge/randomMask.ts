/**
 * The random masks of DARE. Whether an entry is kept depends on the seed, the model's number, the tensor's name and the
 * entry's flat index alone, so that any range of a tensor can be masked by itself and always gets the same mask.
 */
import { inArithmeticOf, type Values } from "./values";

export interface RandomMask {
  /** Key of one model and tensor, two words of 32 bits. */
  key: readonly [number, number];
  /** Probability that an entry is kept; what is kept is divided by it. */
  density: number;
}

/** One mask a model. */
export const randomMasks = (seed: number, name: string, densities: readonly number[]): RandomMask[] =>
  densities.map((density, model) => ({ key: keyOf(seed, model, name), density }));

/** τ̂_t = τ_t · m / d with m drawn (Yu et al., ICML 2024, "drop and rescale"). `start` is the flat index of entry 0. */
export function dropAndRescale(
  taskVector: Values,
  count: number,
  { key: [low, high], density }: RandomMask,
  start: number,
  out: Values,
): void {
  const below = density * 2 ** 32;
  const divisor = inArithmeticOf(out, density);
  let at = start;
  for (let i = 0; i < count; i++, at++) {
    // Words below 2^32: the lower word of the index is mixed with the key, then again with the upper word.
    const word = mixed(mixed(at ^ low) ^ high ^ Math.imul((at / 2 ** 32) | 0, GOLDEN));
    out[i] = word < below && taskVector[i] !== 0 ? taskVector[i] / divisor : 0;
  }
}

/** 2^32 over the golden ratio. */
const GOLDEN = 0x9e3779b9;

/** A bijection of 32-bit words in which every bit of the input moves half of the output's (C. Wellons's lowbias32). */
export function mixed(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function keyOf(seed: number, model: number, name: string): [number, number] {
  const words = [seed, model, ...new TextEncoder().encode(name)];
  const hash = (from: number): number => words.reduce((key, word) => mixed(Math.imul(key, GOLDEN) ^ word), from);
  return [hash(1), hash(2)];
}
