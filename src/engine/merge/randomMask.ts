/**
 * The random masks of DARE and DELLA. Whether an entry is kept depends on the seed, the model's number, the tensor's name
 * and the entry's flat index alone, with DELLA on its place in its row, too, so that any range of a tensor can be masked by itself and always gets the same mask.
 */
import { MergeError } from "../../protocol/errors";
import { inArithmeticOf, type Values } from "./values";

export interface RandomMask {
  /** Key of one model and tensor, two words of 32 bits. */
  key: readonly [number, number];
  /** Probability that an entry is kept; what is kept is divided by it. */
  density: number;
  window?: RankWindow;
}

/** DELLA: the probability grows with the magnitude, from density − ε for the smallest entry of a row to density + ε. */
export interface RankWindow {
  epsilon: number;
  /** Entries of a row. */
  row: number;
  /** Places of entries in their rows, 0 (the smallest) to 1, from a flat index on: where rows can be read. */
  places?: (start: number, count: number) => Float64Array;
}

/** One mask a model. */
export const randomMasks = (
  seed: number,
  name: string,
  densities: readonly number[],
  window?: RankWindow,
): RandomMask[] =>
  densities.map((density, model) => ({
    key: keyOf(seed, model, name),
    density,
    // All is all, and nothing nothing.
    ...(window && density > 0 && density < 1 && { window }),
  }));

/** τ̂_t = τ_t · m / d with m drawn (Yu et al., ICML 2024, "drop and rescale"). `start` is the flat index of entry 0. */
export function dropAndRescale(taskVector: Values, count: number, mask: RandomMask, start: number, out: Values): void {
  if (mask.window) {
    dropByRank(taskVector, count, mask, mask.window, start, out);
    return;
  }
  const { key, density } = mask;
  const below = density * 2 ** 32;
  const divisor = inArithmeticOf(out, density);
  const words = wordsFrom(start, count, key);
  for (let i = 0; i < count; i++) {
    out[i] = words[i] < below && taskVector[i] !== 0 ? taskVector[i] / divisor : 0;
  }
}

/** MagPrune (Deep et al., 2024): τ̂_i = τ_i · m_i / p_i with p_i by the entry's place in its row. */
function dropByRank(
  taskVector: Values,
  count: number,
  { key, density }: RandomMask,
  { epsilon, places }: RankWindow,
  start: number,
  out: Values,
): void {
  if (!places) throw new MergeError("internal", { where: "", message: "ranks without rows" });
  const place = places(start, count);
  const words = wordsFrom(start, count, key);
  const isWide = out instanceof Float64Array;
  for (let i = 0; i < count; i++) {
    const probability = rankProbability(density, epsilon, place[i]);
    const kept = words[i] < probability * 2 ** 32 && taskVector[i] !== 0;
    out[i] = kept ? taskVector[i] / (isWide ? probability : Math.fround(probability)) : 0;
  }
}

/** The probability that an entry at a place in its row is kept. */
const rankProbability = (density: number, epsilon: number, place: number): number =>
  density - epsilon + 2 * epsilon * place;

/** Whether all of density ± ε are probabilities above 0 and below 1. A density of 0 or 1 keeps nothing or all. */
export const hasWindow = (density: number, epsilon: number): boolean =>
  density === 0 || density === 1 || (density - epsilon > 0 && density + epsilon < 1);

let words = new Uint32Array(0);

/**
 * Random words below 2^32 for entries from a flat index on, valid until the next call: the lower word of the index is
 * mixed with the key, then again with the upper word.
 */
function wordsFrom(start: number, count: number, [low, high]: RandomMask["key"]): Uint32Array {
  if (words.length < count) words = new Uint32Array(count);
  for (let from = 0; from < count;) {
    // The upper word is the same for billions of entries: the loop is about integers alone.
    const upper = Math.floor((start + from) / 2 ** 32);
    const end = Math.min(count, (upper + 1) * 2 ** 32 - start);
    const [first, key] = [(start % 2 ** 32) | 0, high ^ Math.imul(upper, GOLDEN)];
    for (let i = from; i < end; i++) words[i] = mixed(mixed((first + i) ^ low) ^ key);
    from = end;
  }
  return words;
}

/** What the kept entries are divided by, of so many from a flat index on. */
export function divisorsOf(mask: RandomMask, start: number, count: number): Float64Array {
  const divisors = new Float64Array(count).fill(mask.density);
  const place = mask.window?.places?.(start, count);
  if (mask.window && place) {
    const { epsilon } = mask.window;
    for (let i = 0; i < count; i++) divisors[i] = rankProbability(mask.density, epsilon, place[i]);
  }
  return divisors;
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
