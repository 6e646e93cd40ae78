import { inArithmeticOf, type Values } from "./values";

/** θ = θ₀ + λ·τ_m (step 5 of TIES) into `out`; the product is rounded before the sum, as the paper's code does. */
export function scale(base: Values, merged: Values, lambda: number, count: number, out: Values): void {
  const factor = inArithmeticOf(out, lambda);
  for (let i = 0; i < count; i++) out[i] = merged[i] * factor;
  for (let i = 0; i < count; i++) out[i] += base[i];
}
