import { decode } from "../format/decode";
import type { Values } from "../merge/values";
import type { NonFinite, NonFinitePolicy, RawChunk } from "./rawChunk";

export interface LoadedChunk {
  /** First NaN or ±Inf of an input under the policy `error`. */
  nonFinite: NonFinite | null;
  /** By entry, see `loadChunk`. */
  replaced: Map<number, number | null>;
}

/**
 * Decodes a chunk into `base` and `models`. Under `keep-base`, `replaced` maps the entries that are not finite
 * somewhere to the base's value to write (null where that value is finite and comes out by itself): there every
 * affected τ_t is 0.
 */
export function loadChunk(
  chunk: RawChunk,
  policy: NonFinitePolicy,
  base: Values,
  models: readonly Values[],
): LoadedChunk {
  const { count } = chunk;
  const replaced = new Map<number, number | null>();
  if (chunk.base) decode(chunk.base.dtype, chunk.base.bytes, base, count);
  chunk.models.forEach(({ dtype, bytes }, t) => decode(dtype, bytes, models[t], count));
  const inputs = models.slice(0, chunk.models.length);
  if (chunk.base && !allFinite(base, count)) {
    for (let i = 0; i < count; i++) {
      if (Number.isFinite(base[i])) continue;
      if (policy === "error") return { nonFinite: { model: -1, index: i }, replaced };
      replaced.set(i, base[i]);
      base[i] = 0;
      for (const input of inputs) input[i] = 0;
    }
  }
  for (let t = 0; t < inputs.length; t++) {
    if (allFinite(inputs[t], count)) continue;
    for (let i = 0; i < count; i++) {
      if (Number.isFinite(inputs[t][i])) continue;
      if (policy === "error") return { nonFinite: { model: t, index: i }, replaced };
      if (!replaced.has(i)) replaced.set(i, null);
      inputs[t][i] = base[i];
    }
  }
  return { nonFinite: null, replaced };
}

/** How many of `replaced` are NaN or ±Inf in the base itself, and so in what is written. */
export function countBaseNonFinite(replaced: ReadonlyMap<number, number | null>): number {
  let count = 0;
  for (const value of replaced.values()) if (value !== null) count++;
  return count;
}

function allFinite(values: Values, count: number): boolean {
  let finite = true;
  // x − x is NaN for NaN and ±Inf: one comparison, no branch in the loop.
  for (let i = 0; i < count; i++) finite = finite && values[i] - values[i] === 0;
  return finite;
}
