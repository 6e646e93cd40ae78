/** ‖x‖², summed in float64 in the order of the entries. */
export function squaresOf(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
