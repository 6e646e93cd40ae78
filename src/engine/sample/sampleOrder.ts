/** The magnitudes of one model's sample in their order, sorted once: from them follows the threshold of any density. */
import { allocateValues } from "../merge/values";
import { MOST_ENTRIES } from "./samplePlan";
import { magnitudes, stretchOf, type HeldTensor } from "./heldSample";

/** Sorted entries of one replicate, or of the whole sample, over the tensors of a trim unit. */
export interface SampleOrder {
  /** Bits of the magnitudes as float32, ascending; of equal ones the lowest position first. */
  bits: Uint32Array;
  /** Positions in the unit: tensor after tensor, each as far as this order holds it. */
  positions: Uint32Array;
  /** Entries that those from here on stand for; one more number than magnitudes. */
  above: Float64Array;
  /** Position of each tensor's first entry, and the end. */
  offsets: Uint32Array;
}

/** @param replicate null: the whole sample. */
export function sampleOrder(tensors: readonly HeldTensor[], model: number, replicate: number | null): SampleOrder {
  const stretches = tensors.map((tensor) => stretchOf(tensor, replicate));
  const offsets = new Uint32Array(tensors.length + 1);
  stretches.forEach(({ count }, at) => (offsets[at + 1] = offsets[at] + count));
  const packed = new Float64Array(offsets[tensors.length]);
  const weights = new Float64Array(packed.length);
  const longest = Math.max(0, ...tensors.map(({ entries }) => entries));
  const [base, values] = [allocateValues(longest, false), new Float32Array(longest)];
  const bits = new Uint32Array(values.buffer);
  tensors.forEach((tensor, at) => {
    const { start, count, weight } = stretches[at];
    magnitudes(tensor, model, base, values);
    const offset = offsets[at];
    for (let i = 0; i < count; i++) packed[offset + i] = bits[start + i] * MOST_ENTRIES + offset + i;
    weights.fill(weight, offsets[at], offsets[at + 1]);
  });
  // A position takes 22 bits beside the 31 of a magnitude: together an integer that float64 holds.
  packed.sort();
  const sorted = new Uint32Array(packed.length);
  const positions = new Uint32Array(packed.length);
  const above = new Float64Array(packed.length + 1);
  for (let at = packed.length - 1; at >= 0; at--) {
    sorted[at] = Math.floor(packed[at] / MOST_ENTRIES);
    positions[at] = packed[at] - sorted[at] * MOST_ENTRIES;
    above[at] = above[at + 1] + weights[positions[at]];
  }
  return { bits: sorted, positions, above, offsets };
}

/** Index of the first magnitude that is not below `bits`. */
export function firstFrom(order: SampleOrder, bits: number): number {
  let [low, high] = [0, order.bits.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order.bits[middle] < bits) low = middle + 1;
    else high = middle;
  }
  return low;
}
