/**
 * The layer group of a tensor: its name up to and including the first number (`model.layers.3` of
 * `model.layers.3.mlp.up_proj.weight`), or all but its last part where there is none (`lm_head` of `lm_head.weight`).
 */
export function layerGroup(name: string): string {
  const number = NUMBER.exec(name);
  if (number) return name.slice(0, number.index + number[0].length);
  const end = name.lastIndexOf(".");
  return end >= 0 ? name.slice(0, end) : name;
}

/** The first part behind another that is a number. */
const NUMBER = /\.\d+(?=\.|$)/;
