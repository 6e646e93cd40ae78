/** What keeps checkpoints from being merged, in words. */
import { MergeError } from "../../protocol/errors";

/** Mismatches named one by one before the rest is only counted. */
export const MAX_NAMED_MISMATCHES = 10;

export interface Mismatch {
  /** `rows`: a vocabulary of another size; `missing` and `extra`: a tensor that only one has; `other`: shape or dtype. */
  kind: "rows" | "missing" | "extra" | "other";
  text: string;
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** The first ten, and how many more there are. */
export function namedList(texts: readonly string[], separator = "; "): string {
  const more = texts.length - MAX_NAMED_MISMATCHES;
  return texts.slice(0, MAX_NAMED_MISMATCHES).join(separator) + (more > 0 ? `${separator}and ${more} more` : "");
}

/** One error for all of them, by the gravest: only its advice helps. */
export function mismatchError(mismatches: readonly Mismatch[], where: string): MergeError {
  const has = (...kinds: Mismatch["kind"][]): boolean => mismatches.some(({ kind }) => kinds.includes(kind));
  const code = has("other") ? "tensors-mismatch" : has("missing", "extra") ? "tensors-missing" : "vocabulary-differs";
  return new MergeError(code, {
    where,
    count: mismatches.length,
    list: namedList(mismatches.map(({ text }) => text)),
  });
}

/** What two vocabularies do not have in common: `rows 5 to 7 are`. */
export function rowsBetween(from: number, to: number): string {
  return to - from === 1 ? `row ${from} is` : `rows ${from} to ${to - 1} are`;
}
