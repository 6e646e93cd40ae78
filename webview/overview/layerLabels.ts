/** Short names of layers: `3` of `model.layers.3` where there is one stack of layers, `encoder.3` where there are two. */

const split = (layer: string): { stack: string[]; index: string } => {
  const segments = layer.split(".");
  const numbered = /^(.*_)(\d+)$/.exec(segments.at(-1) ?? "");
  const index = numbered?.[2] ?? segments.at(-1) ?? "";
  return { stack: numbered ? [...segments.slice(0, -1), numbered[1] ?? ""] : segments.slice(0, -1), index };
};

/** One label a layer, unique among them: what all of them share is left out. */
export function layerLabels(layers: readonly string[]): Map<string, string> {
  const parts = layers.map((layer) => ({ layer, ...split(layer) }));
  const stacks = [...new Map(parts.map(({ stack }) => [stack.join("."), stack])).values()];
  const [first = []] = stacks;
  let start = 0;
  let end = 0;
  if (stacks.length > 1) {
    const shortest = Math.min(...stacks.map(({ length }) => length));
    const same = (of: (stack: string[]) => string | undefined): boolean =>
      stacks.every((stack) => of(stack) === of(first));
    while (start < shortest && same((stack) => stack[start])) start++;
    while (end < shortest - start && same((stack) => stack.at(-1 - end))) end++;
  }
  return new Map(
    parts.map(({ layer, stack, index }) => {
      if (stacks.length === 1) return [layer, index];
      const own = stack.slice(start, stack.length - end);
      // A number alone says nothing: with the name of what it counts.
      const named = start > 0 && /^\d+$/.test(own[0] ?? "") ? [stack[start - 1] ?? "", ...own] : own;
      return [layer, [...named, index].join(".")];
    }),
  );
}
