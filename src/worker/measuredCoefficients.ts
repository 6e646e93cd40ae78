/** The coefficients of methods that measure angles tensor by tensor: a pass over the weights before the merge. */
import { modelCoefficients } from "../engine/plan/modelCoefficients";
import { batch, inputBytesPerElement, segmentsOf } from "../engine/plan/workPlan";
import { measuredVectors } from "../protocol/mergeSet";
import type { ProductsJob } from "./computeApi";
import { bytesOfEntries } from "./entryBytes";
import { inputsOf, isByRows, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";

type Item = ProductsJob["items"][number];

/** Bytes of input that the pass goes through, for progress. */
export function measuredBytes({ set, tensors }: PreparedSet): number {
  if (!measuredVectors(set.method)) return 0;
  return tensors.reduce(
    (sum, tensor) => sum + (tensor.kind === "merge" ? tensor.elements * inputBytesPerElement(tensor) : 0),
    0,
  );
}

/**
 * Finds the coefficients of every merged tensor, with which the set's tensors are read from then on; nothing for other
 * methods. Sums run over segments in order, so that they do not depend on threads, jobs or memory.
 */
export async function measureTensors(
  prepared: PreparedSet,
  run: Run,
  onStart: (tensor: string) => void,
): Promise<void> {
  const { set, tensors, parameters } = prepared;
  const of = measuredVectors(set.method);
  if (!of) return;
  const places: number[] = [];
  const items = tensors.flatMap((tensor, index): Item[] => {
    // Those that are measured row by row are, where they are merged.
    if (tensor.kind !== "merge" || isByRows(set, tensor.shape)) return [];
    const inputs = inputsOf(prepared, index, false);
    return segmentsOf(index, tensor.elements).map(({ start, count }) => {
      places.push(index);
      return { inputs, stretch: { start, count } };
    });
  });
  const jobs = batch(items, ({ inputs, stretch }) => bytesOfEntries(inputs, stretch.count));
  const found = await run.all(
    jobs.map((part) =>
      run.submit("products", () => {
        onStart(part[0].inputs.name);
        return { items: part, of };
      }),
    ),
  );
  const products = new Map<number, number[]>();
  found.flat().forEach((sums, at) => {
    const before = products.get(places[at]);
    products.set(places[at], before ? before.map((sum, i) => sum + sums[i]) : sums);
  });
  prepared.coefficients = tensors.map(({ name }, index) => {
    const sums = products.get(index);
    return sums ? modelCoefficients(set.method, name, parameters[index], sums) : null;
  });
}
