import type { Values } from "./values";

/** τ_t = θ_t − θ₀ (step 1 of TIES), entry by entry, into `out`. */
export function taskVector(model: Values, base: Values, count: number, out: Values): void {
  for (let i = 0; i < count; i++) out[i] = model[i] - base[i];
}
