/**
 * Counts what masks leave that are drawn, or selected by variance. Masks are applied here, to task vectors that are at
 * hand; the kernels, which have no such masks where they are fast, go through what is left as changes of a base of zeros.
 */
import type { ChunkOutcome, Kernels, MergeParameters } from "../kernels/kernels";
import { CHUNK_ELEMENTS } from "../kernels/rawChunk";
import { dropAndRescale } from "../merge/randomMask";
import { isSelected, withShares } from "../merge/sce";
import { KEEP_ALL, type TrimRule } from "../merge/trim";
import type { TensorParameters } from "../plan/tensorParameters";
import { TallyLayout, type Tally } from "../stats/tally";
import type { FreeSums } from "./freeSums";
import type { HeldStretch } from "./heldSample";

/** What a set of models is counted with. */
export interface MaskedModels {
  /** Where each tensor's entries begin in the vectors. */
  starts: Uint32Array;
  /** τ of the models that take part, of all tensors that are held. */
  vectors: readonly Float32Array[];
  /** Of every held entry, over the models, where a method selects by it. */
  variances: Float32Array | null;
  free: FreeSums;
  kernels: Kernels;
}

export type OnMaskedProblem = (at: number, entry: number, outcome: ChunkOutcome) => never;

/** Entries of one tensor among those that wait. */
interface Waiting {
  at: number;
  /** Held entry that the first of them is, and where it waits. */
  entry: number;
  from: number;
}

const zeros = new Uint8Array(4 * CHUNK_ELEMENTS);

export class MaskedPass {
  private readonly masked: readonly Float32Array[];
  private readonly scratch: Tally;
  /** What waits to be counted: entries with the same parameters, that stand for as many, for the same sum. */
  private count = 0;
  private waiting: Waiting[] = [];
  private parameters: MergeParameters | null = null;
  private weight = 1;
  private sum: Tally | null = null;

  constructor(
    private readonly models: MaskedModels,
    private readonly onProblem: OnMaskedProblem,
  ) {
    this.masked = models.vectors.map(() => new Float32Array(CHUNK_ELEMENTS));
    this.scratch = new TallyLayout(models.vectors.length).allocate();
  }

  /** Adds a stretch of a tensor to `sum`; it is there after the next `flush`. Throws what is wrong with the inputs. */
  add(at: number, stretch: HeldStretch, own: TensorParameters, rules: readonly TrimRule[], sum: Tally): void {
    this.models.free.add(at, stretch, own.parameters, sum, (entry, outcome) => this.onProblem(at, entry, outcome));
    const parameters = withShares(own.parameters, rules);
    if (parameters !== this.parameters || stretch.weight !== this.weight || sum !== this.sum) this.flush();
    [this.parameters, this.weight, this.sum] = [parameters, stretch.weight, sum];
    for (let done = 0; done < stretch.count;) {
      if (this.count === CHUNK_ELEMENTS) this.flush();
      const length = Math.min(stretch.count - done, CHUNK_ELEMENTS - this.count);
      this.waiting.push({ at, entry: stretch.start + done, from: this.count });
      this.mask(this.models.starts[at] + stretch.start, done, length, rules);
      this.count += length;
      done += length;
    }
  }

  /** Counts what waits. */
  flush(): void {
    const { count, parameters, sum, weight, scratch, waiting } = this;
    this.count = 0;
    this.waiting = [];
    if (count === 0 || !parameters || !sum) return;
    const { free, kernels } = this.models;
    const input = (bytes: Uint8Array) => ({ dtype: "F32" as const, bytes: bytes.subarray(0, 4 * count) });
    const chunk = {
      start: 0,
      count,
      base: input(zeros),
      models: this.masked.map(({ buffer }) => input(new Uint8Array(buffer as ArrayBuffer))),
      wide: false,
    };
    scratch.fill(0);
    const ties = { rules: this.masked.map(() => KEEP_ALL), zeroSign: 1 as const };
    // What is not finite in the inputs has been refused or left out; what is beyond float32 by now is left out.
    const outcome = kernels.merge(chunk, { ...parameters, nonFinite: "keep-base" }, ties, null, scratch);
    if (outcome.weightSum >= 0) {
      const bad = waiting.findLast(({ from }) => from <= outcome.weightSum) ?? waiting[0];
      this.onProblem(bad.at, bad.entry - bad.from, outcome);
    }
    free.clear(scratch);
    for (let i = 0; i < scratch.length; i++) sum[i] += scratch[i] * weight;
  }

  /** @param first where the stretch begins in the vectors; @param from entry of the stretch. */
  private mask(first: number, from: number, count: number, rules: readonly TrimRule[]): void {
    const { vectors, variances } = this.models;
    const begin = first + from;
    const selected = rules[0]?.sce?.selected;
    vectors.forEach((vector, t) => {
      const values = vector.subarray(begin, begin + count);
      const out = this.masked[t].subarray(this.count, this.count + count);
      const { random } = rules[t];
      if (random) dropAndRescale(values, count, random, from, out);
      else out.set(values);
    });
    if (!selected || !variances) return;
    const { threshold } = selected;
    for (let i = 0; i < count; i++) {
      const variance = variances[begin + i];
      if (variance > threshold || isSelected(variance, from + i, selected)) continue;
      for (const values of this.masked) values[this.count + i] = 0;
    }
  }
}
