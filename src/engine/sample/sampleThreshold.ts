/** The trim rule of a unit as its sample has it: the steps of select.ts, every entry counted as often as it stands for. */
import type { TrimRule } from "../merge/trim";
import { firstFrom, type SampleOrder } from "./sampleOrder";

/** Entries above the threshold stay, and of those equal to it the ones before an entry of one of the unit's tensors. */
export interface SampledRule {
  threshold: number;
  /** Which of the unit's tensors; all of those before it keep what is equal, all behind it nothing. */
  tensor: number;
  /** Which of its entries, as far as the order holds them; a share of them where several orders were asked. */
  entry: number;
}

const ALL: SampledRule = { threshold: 0, tensor: Infinity, entry: 0 };
const NONE: SampledRule = { threshold: Infinity, tensor: -1, entry: 0 };
const END_OF_BITS = 0x7f800000;
/** Sums of weights round. */
const SLACK = 1 - 1e-12;

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** @param orders of one replicate, of all of them, or of all entries; @param elements n of the unit. */
export function sampledRule(
  orders: readonly SampleOrder[],
  elements: number,
  density: number,
  ties: "inclusive" | "exact",
): SampledRule {
  const keep = Math.floor(elements * density);
  if (keep >= elements) return ALL;
  if (ties === "exact" && keep === 0) return NONE;
  const entries = orders.reduce((sum, { bits }) => sum + bits.length, 0);
  // Half an entry of the sample to either side is as near as it comes; where all are held it is exact.
  const half = Math.max(0, elements / Math.max(1, entries) - 1) / 2;
  const wanted = Math.max(Number.MIN_VALUE, keep + (ties === "exact" ? 0 : 1) - half);
  const bits = largestWith(orders, wanted);
  singleBits[0] = bits;
  const [threshold] = single;
  if (ties === "inclusive") return { threshold, tensor: Infinity, entry: 0 };
  const larger = meanAbove(orders, bits + 1);
  const left = keep - larger;
  if (meanAbove(orders, bits) - keep <= half) return { threshold, tensor: Infinity, entry: 0 };
  return { threshold, ...(orders.length === 1 ? cutOne(orders[0], bits, left) : cutMany(orders, bits, left)) };
}

/** The rule for one tensor of the unit, with `tieEnd` in its held entries. */
export function ruleOfTensor({ threshold, tensor, entry }: SampledRule, at: number, entries: number): TrimRule {
  if (at !== tensor) return { threshold, tieEnd: at < tensor ? Infinity : 0 };
  return { threshold, tieEnd: Number.isInteger(entry) ? entry : Math.round(entry * entries) };
}

function meanAbove(orders: readonly SampleOrder[], bits: number): number {
  let sum = 0;
  for (const order of orders) sum += order.above[firstFrom(order, bits)];
  return sum / orders.length;
}

/** The largest magnitude from which on there are as many as wanted. */
function largestWith(orders: readonly SampleOrder[], wanted: number): number {
  if (orders.length === 1) return nthOf(orders[0], wanted);
  let [low, high] = [0, END_OF_BITS];
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    if (meanAbove(orders, middle) >= wanted * SLACK) low = middle;
    else high = middle - 1;
  }
  return low;
}

function nthOf({ bits, above }: SampleOrder, wanted: number): number {
  let [low, high] = [0, bits.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (above[middle] >= wanted * SLACK) low = middle;
    else high = middle - 1;
  }
  return bits[Math.max(0, low)] ?? 0;
}

/** Behind the entry with which as many of the equal ones stay as are wanted. */
function cutOne(order: SampleOrder, bits: number, wanted: number): Omit<SampledRule, "threshold"> {
  const [first, end] = [firstFrom(order, bits), firstFrom(order, bits + 1)];
  let tensor = 0;
  let left = wanted;
  for (let at = first; at < end; at++) {
    const position = order.positions[at];
    while (position >= order.offsets[tensor + 1]) tensor++;
    // Of equal magnitudes those at lower positions stand lower in the order.
    left -= order.above[at] - order.above[at + 1];
    if (left <= 1e-9) return { tensor, entry: position - order.offsets[tensor] + 1 };
  }
  return { tensor: Infinity, entry: 0 };
}

/** The same over replicates: in the tensor where the cut falls, a share of the entries. */
function cutMany(orders: readonly SampleOrder[], bits: number, wanted: number): Omit<SampledRule, "threshold"> {
  const tensors = orders[0].offsets.length - 1;
  const equal = new Float64Array(tensors);
  for (const order of orders) {
    const end = firstFrom(order, bits + 1);
    let tensor = 0;
    for (let at = firstFrom(order, bits); at < end; at++) {
      while (order.positions[at] >= order.offsets[tensor + 1]) tensor++;
      equal[tensor] += (order.above[at] - order.above[at + 1]) / orders.length;
    }
  }
  let left = wanted;
  for (let tensor = 0; tensor < tensors; tensor++) {
    if (equal[tensor] >= left && equal[tensor] > 0) {
      // Never an integer: that would be an entry.
      return { tensor, entry: Math.min(1 - 1e-9, Math.max(1e-9, left / equal[tensor])) };
    }
    left -= equal[tensor];
  }
  return { tensor: Infinity, entry: 0 };
}
