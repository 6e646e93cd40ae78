/** Single parameters out of a larger block of them. */
import type { ParameterBlock, ParameterRequest } from "../../src/protocol/tiles";

/** The block that is asked for, or null where the larger one does not hold all of it. */
export function cutBlock(whole: Omit<ParameterBlock, "tensor">, request: ParameterRequest): ParameterBlock | null {
  const { row, column, rows, columns } = request;
  const [top, left] = [row - whole.row, column - whole.column];
  if (top < 0 || left < 0 || top + rows > whole.rows || left + columns > whole.columns) return null;
  const cells = rows * columns;
  const fill = <A extends Float64Array | Uint8Array | Int8Array>(from: A, into: A): A => {
    const planes = into.length / Math.max(1, cells);
    for (let plane = 0; plane < planes; plane++) {
      for (let y = 0; y < rows; y++) {
        const begin = (plane * whole.rows + top + y) * whole.columns + left;
        into.set(from.subarray(begin, begin + columns), (plane * rows + y) * columns);
      }
    }
    return into;
  };
  const { models } = whole;
  return {
    ...request,
    models,
    base: fill(whole.base, new Float64Array(cells)),
    taskVectors: fill(whole.taskVectors, new Float64Array(models * cells)),
    kept: fill(whole.kept, new Uint8Array(models * cells)),
    lost: fill(whole.lost, new Uint8Array(models * cells)),
    thresholds: whole.thresholds.slice(),
    ceilings: whole.ceilings.slice(),
    divisors: fill(whole.divisors, new Float64Array(models * cells)),
    elected: fill(whole.elected, new Int8Array(cells)),
    merged: fill(whole.merged, new Float64Array(cells)),
    result: fill(whole.result, new Float64Array(cells)),
    weights: whole.weights.slice(),
    densities: whole.densities.slice(),
    lambda: whole.lambda,
    normalize: whole.normalize,
    outDtype: whole.outDtype,
  };
}
