/**
 * Decoded entries of one chunk. Arithmetic is that of the array: storing into a Float32Array rounds to
 * float32, and since float64 holds more than twice float32's digits, `a[i] = x + y` (or −, ×, ÷) on float32
 * operands is the correctly rounded float32 result. One code serves both precisions.
 */
export type Values = Float32Array | Float64Array;

/** A buffer for `length` entries in float64 (`wide`) or float32 arithmetic. */
export const allocateValues = (length: number, wide: boolean): Values =>
  wide ? new Float64Array(length) : new Float32Array(length);

/** A parameter such as λ or a weight in the arithmetic of `values`: float32 code multiplies by its float32 value. */
export const inArithmeticOf = (values: Values, parameter: number): number =>
  values instanceof Float64Array ? parameter : Math.fround(parameter);
