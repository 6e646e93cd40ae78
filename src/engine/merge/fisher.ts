import { inArithmeticOf, type Values } from "./values";

/** Added to every Fisher value, so that entries which no model cares about are averaged. */
const FISHER_FLOOR = 1e-6;
/** Added to the norm of a model's Fisher values before it divides. */
const NORM_FLOOR = 1e-6;

/**
 * Fisher merging (Matena and Raffel, NeurIPS 2022): Σ c_t F̃_t θ_t / Σ c_t F̃_t into `out`, F̃ = F + 1e-6, entry by
 * entry; every step is rounded to the arithmetic of `out`, sums run in the order of the models.
 * @param fisher F_t, 0 or more; overwritten.
 * @param coefficients c_t, see `fisherCoefficients`.
 * @param divisor scratch for one chunk.
 */
export function fisherMerge(
  models: readonly Values[],
  fisher: readonly Values[],
  coefficients: readonly number[],
  count: number,
  divisor: Values,
  out: Values,
): void {
  out.fill(0, 0, count);
  divisor.fill(0, 0, count);
  const floor = inArithmeticOf(out, FISHER_FLOOR);
  for (let t = 0; t < models.length; t++) {
    const [model, share] = [models[t], fisher[t]];
    const coefficient = inArithmeticOf(out, coefficients[t]);
    for (let i = 0; i < count; i++) share[i] += floor;
    for (let i = 0; i < count; i++) share[i] *= coefficient;
    for (let i = 0; i < count; i++) divisor[i] += share[i];
    for (let i = 0; i < count; i++) share[i] *= model[i];
    for (let i = 0; i < count; i++) out[i] += share[i];
  }
  for (let i = 0; i < count; i++) out[i] /= divisor[i];
}

/** c_t in float64: w_t / (‖F_t‖₂ + 1e-6), scaled to sum 1; the weights themselves where no norms are given. */
export function fisherCoefficients(weights: readonly number[], norms: readonly number[] | null): number[] {
  if (!norms) return [...weights];
  const shares = weights.map((weight, t) => weight / (norms[t] + NORM_FLOOR));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}
