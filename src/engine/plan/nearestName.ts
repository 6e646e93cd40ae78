/** "Did you mean …" for a name that nobody knows. */

/** Beyond this share of its length a name is another word, not a misspelling. */
const MAX_CHANGED_SHARE = 0.4;
/** Longer words are not compared: the distance costs their product. */
const MAX_COMPARED_LENGTH = 64;

/** The nearest of `names`, if one is near enough to be meant. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  if (word.length > MAX_COMPARED_LENGTH) return undefined;
  const wanted = word.toLowerCase();
  let nearest: string | undefined;
  let smallest = Infinity;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < smallest) [nearest, smallest] = [name, distance];
  }
  return nearest !== undefined && smallest <= Math.max(1, MAX_CHANGED_SHARE * nearest.length) ? nearest : undefined;
}

/** `; did you mean …?` with the nearest name, or the list of all that may stand here. */
export function suggestion(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names);
  return nearest === undefined ? `; known are ${names.join(", ")}` : `; did you mean \`${nearest}\`?`;
}

/** Levenshtein's distance; two neighbours that changed places count as one change. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
