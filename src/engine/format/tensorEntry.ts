/** One tensor of a file: what it is and where its bytes lie. */
import { MergeError } from "../../protocol/errors";
import { dtypeBytes } from "./dtypes";
import type { ComputedTensor } from "./computedTensor";
import type { StridedView } from "./stridedSource";

/** What a tensor is, wherever it lies. */
export interface TensorSpec {
  name: string;
  dtype: string;
  shape: number[];
}

export interface TensorEntry extends TensorSpec {
  /** First byte and the one after the last, from the start of the file, or of the view. */
  begin: number;
  end: number;
  /** Set where the entries are not one range of the file: they are read through a StridedSource. */
  view?: StridedView;
  /** Set where the entries are computed as they are read; then positions count the bytes that come out. */
  computed?: ComputedTensor;
}

/** Elements of a tensor of this shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes of a tensor of a dtype that is carried. Throws `dtype-unknown` for any other. */
export function tensorBytes({ name, dtype, shape }: TensorSpec): number {
  const bytes = dtypeBytes(dtype);
  if (bytes === undefined) throw new MergeError("dtype-unknown", { where: printableName(name), dtype });
  return elementCount(shape) * bytes;
}

/** Longest part of a name from a file that an error shows. */
const MAX_SHOWN_NAME = 200;

/** A name out of a file, safe to print: shortened, and without characters that steer a terminal or the reading order. */
export function printableName(name: string): string {
  const shown = name.length > MAX_SHOWN_NAME ? `${name.slice(0, MAX_SHOWN_NAME)}…` : name;
  const escape = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  return shown.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escape);
}

/**
 * Order of tensor names: by code point, as Python and Rust sort strings.
 * JavaScript's own `<` goes by UTF-16 unit, which puts U+10000 and above before U+E000.
 */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return orderOfUnit(x) - orderOfUnit(y);
  }
  return a.length - b.length;
}

/** Sorts in place, by `compareNames`. */
export function sortNames(names: string[]): string[] {
  // Far sooner than any comparison of ours; the orders differ where a name has surrogates or what is above them.
  names.sort();
  return names.some((name) => ABOVE_PLAIN.test(name)) ? names.sort(compareNames) : names;
}

const ABOVE_PLAIN = /[\ud800-\uffff]/;

/** Lifts surrogates above every other unit. */
const orderOfUnit = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
