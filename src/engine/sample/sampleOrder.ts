/** The magnitudes of one model's sample in their order, sorted once: from them follows the threshold of any density. */
import { allocateValues } from "../merge/values";
import { magnitudes, stretchOf, type HeldTensor } from "./heldSample";
import { REPLICATES } from "./samplePlan";

/** Sorted entries of one replicate, or of all there are, over the tensors of a trim unit. */
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

/** Positions take 21 bits beside the 31 of a magnitude: together an integer that float64 holds. */
const POSITIONS = 2 ** 21;

/**
 * Orders of a model over the tensors of a unit: one of all entries where each is held, else one a replicate, whose mean
 * says what the whole sample says.
 */
export function sampleOrders(tensors: readonly HeldTensor[], model: number): SampleOrder[] {
  const replicates = tensors.every(({ whole }) => whole)
    ? [null]
    : Array.from({ length: REPLICATES }, (_, replicate) => replicate);
  const stretches = replicates.map((replicate) => tensors.map((tensor) => stretchOf(tensor, replicate)));
  const packed = stretches.map((all) => new Float64Array(all.reduce((sum, { count }) => sum + count, 0)));
  const offsets = stretches.map((all) => {
    const starts = new Uint32Array(all.length + 1);
    all.forEach(({ count }, at) => (starts[at + 1] = starts[at] + count));
    return starts;
  });
  const longest = Math.max(0, ...tensors.map(({ entries }) => entries));
  const [base, values] = [allocateValues(longest, false), new Float32Array(longest)];
  const bits = new Uint32Array(values.buffer);
  tensors.forEach((tensor, at) => {
    magnitudes(tensor, model, base, values);
    stretches.forEach((all, part) => {
      const { start, count } = all[at];
      const offset = offsets[part][at];
      for (let i = 0; i < count; i++) packed[part][offset + i] = bits[start + i] * POSITIONS + offset + i;
    });
  });
  return packed.map((numbers, part) => {
    const weights = stretches[part].map(({ weight }) => weight);
    return unpack(numbers.sort(), offsets[part], weights);
  });
}

function unpack(sorted: Float64Array, offsets: Uint32Array, weights: readonly number[]): SampleOrder {
  const length = sorted.length;
  const order = {
    bits: new Uint32Array(length),
    positions: new Uint32Array(length),
    above: new Float64Array(length + 1),
    offsets,
  };
  const perPosition = new Float64Array(length);
  weights.forEach((weight, tensor) => perPosition.fill(weight, offsets[tensor], offsets[tensor + 1]));
  for (let at = length - 1; at >= 0; at--) {
    const bits = Math.floor(sorted[at] / POSITIONS);
    const position = sorted[at] - bits * POSITIONS;
    order.bits[at] = bits;
    order.positions[at] = position;
    order.above[at] = order.above[at + 1] + perPosition[position];
  }
  return order;
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
