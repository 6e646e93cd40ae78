/** Reads every value of a checkpoint whose structure has been found sound. */
import type { Checkpoint } from "../engine/format/checkpoint";
import { elementCount } from "../engine/format/tensorEntry";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import { isFloatDtype } from "../engine/plan/matchTensors";
import { batch, segmentsOf } from "../engine/plan/workPlan";
import type { MergeProgress, VerifyProblem, VerifyResult } from "../protocol/engineApi";
import type { CallContext } from "../protocol/rpc";
import type { ScanJob } from "./computeApi";
import type { ComputePool } from "./pool";
import { positionOf } from "./position";
import { ProgressReporter } from "./progress";
import { Run } from "./run";

interface Found {
  nan: number;
  infinite: number;
  first: number;
}

export async function verifyCheckpoint(
  checkpoint: Checkpoint,
  pool: ComputePool,
  context: CallContext<MergeProgress>,
): Promise<VerifyResult> {
  const tensors = [...checkpoint.tensors.values()].filter(({ dtype }) => isFloatDtype(dtype));
  const items = tensors.flatMap(({ file, begin, view, dtype, shape }, tensor) =>
    segmentsOf(tensor, elementCount(shape)).map(({ start, count }) => ({
      tensor,
      item: { range: { file, offset: begin, view, dtype }, stretch: { start, count } } as ScanJob["items"][number],
    })),
  );
  const total = tensors.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const progress = new ProgressReporter(total, context.progress);
  const run = new Run(pool, { labels: { base: "", models: [] }, set: { nonFinite: "error" } });
  const found = new Map<number, Found>();
  const jobs = batch(items, ({ item: { range, stretch } }) => stretch.count * BYTES_OF[range.dtype]);
  await run.during(
    context.signal,
    (done) => progress.send(done),
    () =>
      run.all(
        jobs.map(async (job) => {
          const results = await run.submit("scan", () => {
            progress.tensor = tensors[job[0].tensor].name;
            return { items: job.map(({ item }) => item) };
          });
          results.forEach((result, at) => addTo(found, job[at].tensor, result));
        }),
      ),
  );
  const problems = tensors.flatMap(({ name, shape }, tensor) => problemsOf(name, shape, found.get(tensor)));
  return { tensors: checkpoint.tensors.size, bytes: checkpoint.bytes, problems };
}

function addTo(found: Map<number, Found>, tensor: number, { nan, infinite, first }: Found): void {
  const sum = found.get(tensor) ?? { nan: 0, infinite: 0, first: -1 };
  sum.nan += nan;
  sum.infinite += infinite;
  if (first >= 0 && (sum.first < 0 || first < sum.first)) sum.first = first;
  found.set(tensor, sum);
}

function problemsOf(tensor: string, shape: readonly number[], found: Found | undefined): VerifyProblem[] {
  if (!found || found.first < 0) return [];
  const counts = [found.nan > 0 ? `${found.nan} NaN` : "", found.infinite > 0 ? `${found.infinite} Inf` : ""];
  const first = `the first at index ${found.first} ${positionOf(shape, found.first)}`;
  return [{ tensor, problem: `${counts.filter(Boolean).join(" and ")}, ${first}` }];
}
