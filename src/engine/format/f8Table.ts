/**
 * The two 8-bit floats of the Open Compute Project ("OFP8", revision 1.0, 2023): how each divides its byte, and all
 * 256 values of each as float32.
 */

export type F8Dtype = "F8_E4M3" | "F8_E5M2";

export interface F8Format {
  fractionBits: number;
  bias: number;
  /** Pattern of the largest finite value: 448, and 57 344. */
  largest: number;
  /** E5M2 keeps its last exponent for Inf and NaN as IEEE 754 does; E4M3 has no Inf, and NaN in one pattern alone. */
  infinity: number | null;
}

export const F8_FORMATS: Readonly<Record<F8Dtype, F8Format>> = {
  F8_E4M3: { fractionBits: 3, bias: 7, largest: 0x7e, infinity: null },
  F8_E5M2: { fractionBits: 2, bias: 15, largest: 0x7b, infinity: 0x7c },
};

const tables = new Map<F8Dtype, Float32Array>();

/** The value of the pattern that is the index. */
export function f8Values(dtype: F8Dtype): Float32Array {
  let table = tables.get(dtype);
  if (!table) {
    table = Float32Array.from({ length: 256 }, (_, pattern) => valueOf(F8_FORMATS[dtype], pattern));
    tables.set(dtype, table);
  }
  return table;
}

function valueOf({ fractionBits, bias, largest, infinity }: F8Format, pattern: number): number {
  const sign = pattern & 0x80 ? -1 : 1;
  const magnitude = pattern & 0x7f;
  if (magnitude === infinity) return sign * Infinity;
  if (magnitude > largest) return NaN;
  const exponent = magnitude >> fractionBits;
  const fraction = (magnitude & ((1 << fractionBits) - 1)) / (1 << fractionBits);
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}
