/**
 * The part of a tally that no mask changes: norms, scalar products, what is in conflict before anything is dropped. It is
 * counted once for the models that take part, however often a slider moves.
 */
import type { ChunkOutcome, Kernels, MergeParameters } from "../kernels/kernels";
import { KEEP_ALL } from "../merge/trim";
import { LANES, TallyLayout, type Tally } from "../stats/tally";
import { forEachChunk, type HeldStretch, type HeldTensor } from "./heldSample";

export type OnChunkProblem = (entry: number, outcome: ChunkOutcome) => never;

export class FreeSums {
  /** Places in a tally, each the first of its lanes. */
  private readonly counts: readonly number[];
  private readonly sums: readonly number[];
  /** By tensor, lanes added up, for the whole of what is held. */
  private readonly rows: Float64Array;
  private readonly known: Uint8Array;
  private readonly scratch: Tally;

  constructor(
    private readonly tensors: readonly HeldTensor[],
    private readonly members: readonly number[],
    private readonly kernels: Kernels,
  ) {
    const layout = new TallyLayout(members.length);
    this.counts = [layout.total("conflictBefore"), layout.total("nonFinite")];
    this.sums = [
      layout.totalSum("summedSquared"),
      ...members.map((_, t) => layout.modelSum(t, "normSquared")),
      ...members.flatMap((_, i) => members.slice(i + 1).map((__, k) => layout.pairDot(i, i + 1 + k))),
    ];
    this.rows = new Float64Array(tensors.length * (this.counts.length + this.sums.length));
    this.known = new Uint8Array(tensors.length);
    this.scratch = layout.allocate();
  }

  /** Sets them to 0. */
  clear(tally: Tally): void {
    for (const at of this.counts) tally[at] = 0;
    for (const at of this.sums) tally.fill(0, at, at + LANES);
  }

  /** Adds those of a stretch of a tensor, scaled to what it stands for. Throws as `onProblem` does. */
  add(at: number, stretch: HeldStretch, parameters: MergeParameters, sum: Tally, onProblem: OnChunkProblem): void {
    const { counts, sums, tensors } = this;
    const length = counts.length + sums.length;
    const isWhole = stretch.count === tensors[at].entries;
    const row = isWhole ? this.rows.subarray(at * length, (at + 1) * length) : new Float64Array(length);
    if (!isWhole || this.known[at] === 0) this.count(at, stretch, parameters, row, onProblem);
    if (isWhole) this.known[at] = 1;
    counts.forEach((place, i) => (sum[place] += row[i] * stretch.weight));
    sums.forEach((place, i) => (sum[place] += row[counts.length + i] * stretch.weight));
  }

  private count(
    at: number,
    stretch: HeldStretch,
    parameters: MergeParameters,
    row: Float64Array,
    onProblem: OnChunkProblem,
  ): void {
    const { counts, sums, scratch } = this;
    const ties = { rules: this.members.map(() => KEEP_ALL), zeroSign: 1 as const };
    // No weights: only masked entries can cancel.
    const plain = { ...parameters, method: "task_arithmetic" as const, weights: this.members.map(() => 1) };
    scratch.fill(0);
    forEachChunk(this.tensors[at], stretch, this.members, (chunk) => {
      const outcome = this.kernels.merge(chunk, plain, ties, null, scratch);
      if (outcome.nonFinite) onProblem(stretch.start + chunk.start, outcome);
    });
    counts.forEach((place, i) => (row[i] = scratch[place]));
    sums.forEach((place, i) => {
      row[counts.length + i] = scratch[place] + scratch[place + 1] + (scratch[place + 2] + scratch[place + 3]);
    });
  }
}
