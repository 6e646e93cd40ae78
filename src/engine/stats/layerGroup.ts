/**
 * The layer group of a tensor: its name up to and including the first number (`model.layers.3` of
 * `model.layers.3.mlp.up_proj.weight`), or all but its last part where there is none (`lm_head` of `lm_head.weight`).
 */
export function layerGroup(name: string): string {
  const parts = name.split(".");
  const number = parts.findIndex((part, at) => at > 0 && /^\d+$/.test(part));
  if (number > 0) return parts.slice(0, number + 1).join(".");
  return parts.length > 1 ? parts.slice(0, -1).join(".") : name;
}
