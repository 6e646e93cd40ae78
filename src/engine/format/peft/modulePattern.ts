/**
 * Patterns over module names, as an adapter's config has them: Python's regular expressions. Only those are taken that
 * mean the same here and that no name can keep busy: the patterns come from elsewhere, too.
 */

const MAX_PATTERN_LENGTH = 1_000;
/** Each one multiplies the ways to match a name. */
const MAX_QUANTIFIERS = 4;

/** Literals, `.`, classes, groups, alternatives; `*`, `+` and `?` behind a single character, `?` behind a group. */
const ATOM = /^(?:\\[.\-_^$|()[\]*+?\\dw]|\[\^?[\w.\-\\]+\]|[\w.\-/]|\(\?:|[()|^$])/;

/**
 * A test for names that the pattern matches from their beginning, or from behind a dot where `anywhere` is set, to
 * their end. Undefined for a pattern that is not understood.
 */
export function modulePattern(pattern: string, anywhere: boolean): ((name: string) => boolean) | undefined {
  if (!isHarmless(pattern)) return undefined;
  try {
    const expression = new RegExp(`^${anywhere ? "(?:.*\\.)?" : ""}(?:${pattern})$`);
    return (name) => expression.test(name);
  } catch {
    return undefined;
  }
}

function isHarmless(pattern: string): boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) return false;
  let quantifiers = 0;
  let rest = pattern;
  let quantifiable = false;
  while (rest !== "") {
    const quantifier = /^[*+?]/.exec(rest)?.[0];
    if (quantifier !== undefined) {
      if (!quantifiable && quantifier !== "?") return false;
      if (++quantifiers > MAX_QUANTIFIERS) return false;
      quantifiable = false;
      rest = rest.slice(1);
      continue;
    }
    const atom = ATOM.exec(rest)?.[0];
    if (atom === undefined) return false;
    quantifiable = !/^(?:\(\?:|[()|^$])$/.test(atom);
    rest = rest.slice(atom.length);
  }
  return true;
}
