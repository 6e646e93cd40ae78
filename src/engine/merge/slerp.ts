/** From this cosine on two vectors count as colinear, as in mergekit. */
const COLINEAR = 0.9995;
/** A vector up to this length has no direction. */
const SMALLEST_NORM = 1e-8;

/**
 * Spherical linear interpolation (Shoemake, SIGGRAPH 1985) of a whole tensor, as a weighted sum: the weights of θ₀ and
 * θ₁ are sin((1 − t)·Ω)/sin Ω and sin(t·Ω)/sin Ω with Ω the angle between them. Where they are nearly colinear or one
 * has no direction, 1 − t and t.
 * @param products ⟨θ₀, θ₀⟩, ⟨θ₀, θ₁⟩, ⟨θ₁, θ₁⟩.
 * @param t 0 to 1; 0 gives θ₀.
 */
export function slerpWeights([square0, product, square1]: readonly number[], t: number): [number, number] {
  const norms = [square0, square1].map(Math.sqrt);
  if (norms.some((norm) => norm <= SMALLEST_NORM)) return [1 - t, t];
  const cosine = product / (norms[0] * norms[1]);
  if (Math.abs(cosine) > COLINEAR) return [1 - t, t];
  const angle = Math.acos(cosine);
  return [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
}
