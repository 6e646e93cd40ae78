/** Names in the order for people: layer 2 before layer 10. */
import { partNames, type NameParts } from "./nameParts";

/** Made when it is needed: that takes longer than to sort a thousand names without it. */
let collator: Intl.Collator | null = null;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLower = (code: number): boolean => code >= 97 && code <= 122;

/**
 * As a collator for English compares, with numbers by their value. Names of tensors are ASCII and differ, as a rule, in
 * a number or in lower-case letters, which tells which comes first without it.
 */
export function compareNaturally(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at) && a.charCodeAt(at) < 128) at++;
  if (at === shorter && a.length === b.length) return 0;
  const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
  if (isLower(one) && isLower(other)) return one - other;
  let start = at;
  while (start > 0 && isDigit(a.charCodeAt(start - 1))) start--;
  if (isNumber(a, start) && isNumber(b, start)) {
    const longer = digitsEnd(a, at) - digitsEnd(b, at);
    if (longer !== 0 || (isDigit(one) && isDigit(other))) return longer || one - other;
  }
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/** Without a zero in front. */
const isNumber = (text: string, at: number): boolean => isDigit(text.charCodeAt(at)) && text.charCodeAt(at) !== 48;

function digitsEnd(text: string, at: number): number {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

/**
 * Indices of the names in this order. Beginnings and ends of the names are few, and each is compared with others of
 * its kind; whole names only where one beginning meets the next.
 */
export function naturalOrder(names: readonly string[], parts: NameParts = partNames(names)): number[] {
  const { groups, groupOf, rests, restOf } = parts;
  const inOrder = Uint32Array.from(names, (_, at) => at);
  const order = [...orderedBy(orderedBy(inOrder, restOf, ranksOf(rests)), groupOf, ranksOf(groups))];
  const compare = (a: number, b: number): number => compareNaturally(names[a] ?? "", names[b] ?? "");
  // A beginning that begins another one, such as `norm` of `norm.weight` and `norm.layers.0`, may stand among its names.
  const isSorted = order.every((at, place) => {
    const before = order[place - 1];
    return before === undefined || groupOf[before] === groupOf[at] || compare(before, at) <= 0;
  });
  return isSorted ? order : order.sort(compare);
}

/** By text, the place that it has in order. */
function ranksOf(texts: readonly string[]): Uint32Array {
  const ranks = new Uint32Array(texts.length);
  [...texts.keys()]
    .sort((a, b) => compareNaturally(texts[a] ?? "", texts[b] ?? ""))
    .forEach((at, rank) => (ranks[at] = rank));
  return ranks;
}

/** Items by the rank of what each is of; those of one rank stay in their order. */
function orderedBy(items: Uint32Array, keyOf: Uint32Array, ranks: Uint32Array): Uint32Array {
  const rankOf = (item: number): number => ranks[keyOf[item] ?? 0] ?? 0;
  const next = new Uint32Array(ranks.length + 1);
  for (const item of items) next[rankOf(item) + 1]++;
  for (let rank = 0; rank < ranks.length; rank++) next[rank + 1] += next[rank];
  const ordered = new Uint32Array(items.length);
  for (const item of items) ordered[next[rankOf(item)]++] = item;
  return ordered;
}
