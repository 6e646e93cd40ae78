/** The words that a person sees: English in the code, other languages from the host's `welcome`. */
import { fillTemplate } from "../../src/protocol/errorText";

let translations: Readonly<Record<string, string>> = {};

/** Takes the translations of the editor's language; the keys are the English texts. */
export function setTranslations(strings: Readonly<Record<string, unknown>>): void {
  translations = Object.fromEntries(
    Object.entries(strings).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** `english` in the editor's language, its `{name}` placeholders filled. Called with literals only, so that tests find them. */
export function t(english: string, values: Readonly<Record<string, string | number>> = {}): string {
  return fillTemplate(translations[english] ?? english, values);
}
