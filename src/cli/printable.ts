/** Names come from files that anybody may have made: nothing in them may steer the terminal. */

/** Control and formatting characters as `\u{…}`; line feeds stay where `lines` says so. */
export function printable(text: string, { lines = false } = {}): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) =>
    lines && character === "\n" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
