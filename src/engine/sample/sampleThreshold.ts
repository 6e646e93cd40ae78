/** The trim rule of a unit as its sample has it: the steps of select.ts, every entry counted as often as it stands for. */
import type { TrimRule } from "../merge/trim";
import { firstFrom, isEnough, tensorAt, type OrderedSlice, type SampleOrder } from "./sampleOrder";

/** Entries above the threshold stay, and of those equal to it the ones before an entry of one of the unit's tensors. */
export interface SampledRule {
  threshold: number;
  /** Which of the unit's tensors; all of those before it keep what is equal, all behind it nothing. */
  tensor: number;
  /** Which of its entries, as far as the order holds them. */
  entry: number;
}

const ALL: SampledRule = { threshold: 0, tensor: Infinity, entry: 0 };
const NONE: SampledRule = { threshold: Infinity, tensor: -1, entry: 0 };

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** @param order of one replicate, or of the whole sample; @param elements n of the unit. */
export function sampledRule(
  order: SampleOrder,
  elements: number,
  density: number,
  ties: "inclusive" | "exact",
): SampledRule {
  const keep = Math.floor(elements * density);
  if (keep >= elements) return ALL;
  if (ties === "exact" && keep === 0) return NONE;
  // Half an entry of the sample to either side is as near as it comes; where all are held it is exact.
  const half = Math.max(0, elements / Math.max(1, order.length) - 1) / 2;
  const wanted = Math.max(Number.MIN_VALUE, keep + (ties === "exact" ? 0 : 1) - half);
  const slice = order.sliceWith(wanted);
  const bits = largestWith(slice, wanted);
  singleBits[0] = bits;
  const [threshold] = single;
  if (ties === "inclusive") return { threshold, tensor: Infinity, entry: 0 };
  const [first, end] = [firstFrom(slice, bits), firstFrom(slice, bits + 1)];
  if (slice.above[first] - keep <= half) return { threshold, tensor: Infinity, entry: 0 };
  return { threshold, ...cut(slice, order.offsets, first, end, keep - slice.above[end]) };
}

/** Whether equal magnitudes are parted inside one of the tensors, so that not all have the same rule. */
export const isCut = ({ tensor }: SampledRule): boolean => tensor >= 0 && tensor < Infinity;

/** The rule for one tensor of the unit, with `tieEnd` in its held entries from `start` on. */
export function ruleOfTensor({ threshold, tensor, entry }: SampledRule, at: number, start: number): TrimRule {
  return { threshold, tieEnd: (at === tensor ? entry : at < tensor ? Infinity : 0) - start };
}

/** The largest magnitude from which on there are as many as wanted. */
function largestWith({ bits, above }: OrderedSlice, wanted: number): number {
  let [low, high] = [0, bits.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isEnough(above[middle], wanted)) low = middle;
    else high = middle - 1;
  }
  return bits[Math.max(0, low)] ?? 0;
}

/** Behind the entry, of the equal ones from `first` to `end`, with which as many stay as are wanted. */
function cut(
  { positions, above }: OrderedSlice,
  offsets: Uint32Array,
  first: number,
  end: number,
  wanted: number,
): Omit<SampledRule, "threshold"> {
  let left = wanted;
  for (let at = first; at < end; at++) {
    // Of equal magnitudes those at lower positions stand lower in the order.
    left -= above[at] - above[at + 1];
    if (left > 1e-9) continue;
    const tensor = tensorAt(offsets, positions[at]);
    return { tensor, entry: positions[at] - offsets[tensor] + 1 };
  }
  return { tensor: Infinity, entry: 0 };
}
