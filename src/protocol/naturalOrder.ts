/** Names in the order for people: layer 2 before layer 10. */

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
