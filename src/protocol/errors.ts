/** Errors as data, so that they cross threads and the webview unchanged; the text for people is errorText.ts. */
import type { ErrorCode } from "./errorText";

export type ErrorDetails = Readonly<Record<string, string | number>>;

export interface ErrorData {
  code: ErrorCode;
  /** Values for the placeholders of the text; `where` names the file, tensor or key. */
  details: ErrorDetails;
  /** Stack of the place it was made: for the log only, never shown. */
  stack?: string;
}

/** An error that people can act on. */
export class MergeError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails & { where: string },
    options?: { cause?: unknown },
  ) {
    super(code, options);
    this.name = "MergeError";
  }
}

/** Any thrown value as data. Cancellation (an AbortError) becomes `cancelled`, everything unforeseen `internal`. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof MergeError) return { code: error.code, details: error.details, stack: stackOf(error) };
  if (error instanceof Error && error.name === "AbortError") return { code: "cancelled", details: { where: "" } };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", details: { where: "", message }, stack: stackOf(error) };
}

/** The error that data from another thread stands for. */
export function fromErrorData(data: ErrorData): MergeError {
  const error = new MergeError(data.code, { where: "", ...data.details });
  if (data.stack !== undefined) error.stack = data.stack;
  return error;
}

const stackOf = (error: unknown): string | undefined => (error instanceof Error ? error.stack : undefined);
