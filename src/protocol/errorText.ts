/**
 * The one place where errors get their words: what happened and what to do. `{name}` stands for a detail.
 * The templates are also the keys of the editor's translations.
 */
import type { ErrorData } from "./errors";

interface ErrorText {
  what: string;
  todo: string;
}

const text = <T extends Record<string, ErrorText>>(table: T): T => table;

export const ERROR_TEXT = text({
  internal: { what: "Something went wrong inside the program: {message}", todo: "Please report it with the log." },
  cancelled: { what: "Cancelled", todo: "Run again, with --resume to go on from what was finished." },
  "bad-message": {
    what: "A part of the program sent a call that the other does not know: {where}",
    todo: "Reload the window; if it stays, please report it.",
  },
  "worker-died": {
    what: "A background worker ended unexpectedly: {message}",
    todo: "Try again with fewer threads or more memory; see the log.",
  },
});

export type ErrorCode = keyof typeof ERROR_TEXT;

/** `template` with every `{name}` replaced by its detail. */
export function fillTemplate(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in details ? String(details[name]) : whole));
}

/** `WHAT (WHERE). WHAT TO DO`; `translate` may replace a template by that of another language. */
export function describeError(error: ErrorData, translate: (template: string) => string = (template) => template): string {
  const { what, todo } = ERROR_TEXT[error.code];
  const where = error.details.where ? ` (${error.details.where})` : "";
  return `${fillTemplate(translate(what), error.details)}${where}. ${fillTemplate(translate(todo), error.details)}`;
}
