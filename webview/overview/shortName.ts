/** What tells a tensor outside the layers from its neighbours: `embed_tokens` of `model.embed_tokens.weight`. */
export function shortName(name: string): string {
  const segments = name.split(/[./]/).filter((segment) => segment !== "");
  const named = segments.length > 1 && segments.at(-1) === "weight" ? segments.slice(0, -1) : segments;
  const last = named.at(-1) ?? name;
  // A bias, or a number, says nothing without what it is of.
  return named.length > 1 && /^(?:\d+|bias|gamma|beta)$/.test(last) ? `${named.at(-2) ?? ""}.${last}` : last;
}
