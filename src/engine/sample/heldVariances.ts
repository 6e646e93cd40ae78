/** How the task vectors of the models that take part vary at every held entry, and what SCE's rules follow from it. */
import { shareOf } from "../merge/breadcrumbs";
import { isSelected, selectedCount, sharesOf, varianceOf } from "../merge/sce";
import { KEEP_ALL, KEEP_NONE, type SceRule, type TrimRule } from "../merge/trim";
import { SEGMENT_ELEMENTS } from "../plan/workPlan";
import type { Breather } from "./breather";
import { stretchOf, type HeldStretch, type HeldTensor } from "./heldSample";
import type { HeldVectors } from "./heldVectors";
import { SampleOrder } from "./sampleOrder";
import { ruleOfTensor, sampledRule } from "./sampleThreshold";

/** Entries at a time: in between, others are heard. */
const PIECE = 1 << 14;

interface Ordered {
  order: SampleOrder;
  /** How many entries of the tensor vary. */
  nonzero: number;
}

export class HeldVariances {
  private readonly orders = new Map<string, Ordered>();

  private constructor(
    private readonly tensors: readonly HeldTensor[],
    private readonly starts: Uint32Array,
    /** τ of the models that take part, of all tensors. */
    private readonly vectors: readonly Float32Array[],
    /** Variance of every held entry, in float32. */
    readonly values: Float32Array,
  ) {}

  static async of(
    tensors: readonly HeldTensor[],
    { starts, entries }: HeldVectors,
    vectors: readonly Float32Array[],
    breather: Breather,
  ): Promise<HeldVariances> {
    const values = new Float32Array(entries);
    for (let at = 0; at < entries; at += PIECE) {
      const end = Math.min(entries, at + PIECE);
      varianceOf(
        vectors.map((vector) => vector.subarray(at, end)),
        end - at,
        values.subarray(at, end),
      );
      const pause = breather.after(1, (end - at) * vectors.length);
      if (pause) await pause;
    }
    return new HeldVariances(tensors, starts, vectors, values);
  }

  /**
   * One rule a model, as `selectByVariance` finds them. `tieEnd` counts from the first entry of the stretch.
   * @param replicate whose entries give them; null: all that is held. @param topk share of the entries that vary.
   */
  rules(at: number, replicate: number | null, topk: number, equalBelow: number): TrimRule[] {
    const tensor = this.tensors[at];
    const { elements } = tensor;
    const stretch = stretchOf(tensor, replicate);
    const rules = (selected: SceRule["selected"]): TrimRule[] => {
      const squares = selected === KEEP_NONE ? this.vectors.map(() => 0) : this.squares(at, stretch, selected);
      const scaled = squares.map((sum) => sum * stretch.weight);
      return sharesOf(scaled, elements, equalBelow).map((share) => ({ ...KEEP_ALL, sce: { share, selected } }));
    };
    if (elements === 0 || topk <= 0) return rules(KEEP_NONE);
    if (topk >= 1) return rules(null);
    const { order, nonzero } = this.ordered(at, replicate, stretch);
    const keep = selectedCount(nonzero, topk);
    if (keep === 0) return rules(KEEP_NONE);
    return rules(ruleOfTensor(sampledRule(order, elements, shareOf(keep, elements), "exact"), 0, 0));
  }

  private ordered(at: number, replicate: number | null, { start, count, weight }: HeldStretch): Ordered {
    const key = `${at} ${replicate ?? ""}`;
    const known = this.orders.get(key);
    if (known) return known;
    const first = this.starts[at] + start;
    const bits = new Uint32Array(this.values.slice(first, first + count).buffer);
    let varied = 0;
    for (let i = 0; i < count; i++) if (bits[i] !== 0) varied++;
    const order = new SampleOrder(bits, Uint32Array.of(0, count), Float64Array.of(weight), replicate === null);
    const ordered = { order, nonzero: varied * weight };
    this.orders.set(key, ordered);
    return ordered;
  }

  /** Σ τ² of what is selected, by model; added as the merge does, segment by segment. */
  private squares(at: number, { start, count }: HeldStretch, selected: SceRule["selected"]): number[] {
    const first = this.starts[at] + start;
    const total = this.vectors.map(() => 0);
    for (let from = 0; from < count; from += SEGMENT_ELEMENTS) {
      const end = Math.min(count, from + SEGMENT_ELEMENTS);
      this.vectors.forEach((vector, t) => {
        let above = 0;
        let equal = 0;
        for (let i = from; i < end; i++) {
          const square = vector[first + i] * vector[first + i];
          if (selected === null) above += square;
          else {
            const variance = this.values[first + i];
            if (variance > selected.threshold) above += square;
            else if (isSelected(variance, i, selected)) equal += square;
          }
        }
        total[t] += above + equal;
      });
    }
    return total;
  }
}
