/** The place of a flat index in a tensor of this shape, for messages: `[row, column, …]`. */
export function positionOf(shape: readonly number[], index: number): string {
  const position: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${position.join(", ")}]`;
}
