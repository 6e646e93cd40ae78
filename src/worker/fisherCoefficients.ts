/** The norms of the Fisher values, where the weights are divided by them: read once before the merge. */
import { elementCount } from "../engine/format/tensorEntry";
import { isFloatDtype } from "../engine/plan/matchTensors";
import { batch, segmentsOf } from "../engine/plan/workPlan";
import type { SquaresJob } from "./computeApi";
import { rangeOf, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";

type Item = SquaresJob["items"][number];

/** Bytes of Fisher values that a merge goes through: once for their norms, where they count, and once to merge. */
export function fisherBytesRead({ set, statistics }: PreparedSet): number {
  if (set.method !== "fisher" || !statistics) return 0;
  const whole = statistics.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const merged = statistics.ofTensor
    .flatMap((refs) => refs ?? [])
    .reduce((sum, { begin, end }) => sum + end - begin, 0);
  return merged + (set.normalizeFisher ? whole : 0);
}

/** Finds the norms, from which on the set's tensors are read with their Fisher values; nothing for other methods. */
export async function weighByFisher(prepared: PreparedSet, run: Run, onStart: (tensor: string) => void): Promise<void> {
  const { set, statistics } = prepared;
  if (set.method === "fisher" && statistics) statistics.norms = await normsOf(prepared, run, onStart);
}

/** ‖F_t‖₂ is that of all floating tensors of the file, also of those that are left out of the merge. */
async function normsOf(
  { set, statistics }: PreparedSet,
  run: Run,
  onStart: (tensor: string) => void,
): Promise<number[] | null> {
  if (!set.normalizeFisher || !statistics) return null;
  const items = statistics.files.flatMap((file, model) =>
    [...file.tensors.values()]
      .filter(({ dtype }) => isFloatDtype(dtype))
      .flatMap((ref, tensor): Item[] =>
        segmentsOf(tensor, elementCount(ref.shape)).map(({ start, count }) => ({
          ...{ name: ref.name, shape: ref.shape, range: rangeOf(ref), model },
          stretch: { start, count },
        })),
      ),
  );
  const jobs = batch(items, ({ stretch }) => stretch.count);
  const sums = await run.all(
    jobs.map((part) =>
      run.submit("sumSquares", () => {
        onStart(part[0].name);
        return { items: part };
      }),
    ),
  );
  const squares = set.models.map(() => 0);
  // In the order of the segments, whichever worker was first.
  sums.flat().forEach((sum, at) => (squares[items[at].model] += sum));
  return squares.map(Math.sqrt);
}
