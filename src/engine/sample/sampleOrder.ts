/**
 * The magnitudes of one model's sample, from which the threshold of any density follows. They are counted in buckets
 * once, and sorted only where a threshold falls: a sample of half a million is there before it could have been sorted.
 */
import { MOST_ENTRIES } from "./samplePlan";

/** Magnitudes as bits of float32 have 31 bits; buckets go by the highest of them, at most 16. */
const MAGNITUDE_BITS = 31;
const MOST_BUCKET_BITS = 16;
/** So many entries for each bucket at least: there may be orders of hundreds of units. */
const ENTRIES_A_BUCKET = 4;
/** Up to this many entries all of them are one bucket. */
const FEW_ENTRIES = 1 << 11;
/** Sums of weights round. */
const SLACK = 1 - 1e-12;

/** Neighbours in the order of magnitudes: all that lie in one bucket. */
export interface OrderedSlice {
  /** Bits of the magnitudes as float32, ascending; of equal ones the lowest position first. */
  bits: Uint32Array;
  /** Positions in the unit: tensor after tensor, each as far as the order holds it. */
  positions: Uint32Array;
  /** Entries that those from here on stand for, in all of the order; one more number than magnitudes. */
  above: Float64Array;
}

export class SampleOrder {
  private readonly shift: number;
  /** Entries that those of a bucket and of the higher ones stand for. */
  private readonly above: Float64Array;
  private readonly slices = new Map<number, OrderedSlice>();
  /** Positions by bucket, and where each bucket begins, of an order that is asked again and again. */
  private grouped: { starts: Uint32Array; positions: Uint32Array } | null = null;

  /**
   * @param bits of the magnitudes of a unit's tensors, one after the other; @param offsets where each begins, and the
   * end; @param weights by tensor, entries that each of its entries stands for; @param isAskedOften whether to find
   * the entries of a bucket without looking at all of them, for four more bytes each.
   */
  constructor(
    private readonly bits: Uint32Array,
    readonly offsets: Uint32Array,
    private readonly weights: Float64Array,
    private readonly isAskedOften = false,
  ) {
    const bucketBits = Math.min(MOST_BUCKET_BITS, Math.floor(Math.log2(bits.length / ENTRIES_A_BUCKET)));
    this.shift = bits.length > FEW_ENTRIES ? MAGNITUDE_BITS - bucketBits : MAGNITUDE_BITS;
    this.above = this.countBuckets();
  }

  /** Entries that it holds. */
  get length(): number {
    return this.bits.length;
  }

  /** Where the largest magnitude lies from which on there are as many entries as wanted; if there are not, the least. */
  sliceWith(wanted: number): OrderedSlice {
    const { above } = this;
    let [low, high] = [0, above.length - 2];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (isEnough(above[middle], wanted)) low = middle;
      else high = middle - 1;
    }
    // There are not as many: the lowest bucket that holds something.
    while (low < above.length - 2 && above[low] === above[low + 1]) low++;
    const known = this.slices.get(low);
    if (known) return known;
    const slice = this.sorted(low);
    this.slices.set(low, slice);
    return slice;
  }

  private countBuckets(): Float64Array {
    const { bits, offsets, weights, shift } = this;
    const above = new Float64Array(2 ** (MAGNITUDE_BITS - shift) + 1);
    weights.forEach((weight, tensor) => {
      for (let at = offsets[tensor]; at < offsets[tensor + 1]; at++) above[bits[at] >>> shift] += weight;
    });
    for (let bucket = above.length - 2; bucket >= 0; bucket--) above[bucket] += above[bucket + 1];
    return above;
  }

  /** Positions of what lies in a bucket, ascending. */
  private positionsIn(bucket: number): ArrayLike<number> {
    const { bits, shift } = this;
    if (this.isAskedOften && shift < MAGNITUDE_BITS) {
      const { starts, positions } = (this.grouped ??= this.group());
      return positions.subarray(starts[bucket], starts[bucket + 1]);
    }
    const found: number[] = [];
    for (let at = 0; at < bits.length; at++) if (bits[at] >>> shift === bucket) found.push(at);
    return found;
  }

  private group(): { starts: Uint32Array; positions: Uint32Array } {
    const { bits, shift } = this;
    const starts = new Uint32Array(this.above.length);
    for (let at = 0; at < bits.length; at++) starts[(bits[at] >>> shift) + 1]++;
    for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket] += starts[bucket - 1];
    const positions = new Uint32Array(bits.length);
    const next = starts.slice();
    for (let at = 0; at < bits.length; at++) positions[next[bits[at] >>> shift]++] = at;
    return { starts, positions };
  }

  private sorted(bucket: number): OrderedSlice {
    const { bits, offsets, weights } = this;
    const inside = this.positionsIn(bucket);
    // Differences of BF16 have few values: a bucket may hold a tenth of all entries.
    const areMany = inside.length > FEW_ENTRIES && 2 ** this.shift < 8 * inside.length;
    const positions = areMany ? byLowBits(bits, inside, this.shift) : byBits(bits, inside);
    const own = new Uint32Array(positions.length);
    const above = new Float64Array(positions.length + 1);
    above[positions.length] = this.above[bucket + 1];
    let tensor = 0;
    for (let at = positions.length - 1; at >= 0; at--) {
      const position = positions[at];
      own[at] = bits[position];
      if (position < offsets[tensor] || position >= offsets[tensor + 1]) tensor = tensorAt(offsets, position);
      above[at] = above[at + 1] + weights[tensor];
    }
    return { bits: own, positions, above };
  }
}

/** Sorts positions by their magnitudes, then by themselves. */
function byBits(bits: Uint32Array, inside: ArrayLike<number>): Uint32Array {
  const packed = new Float64Array(inside.length);
  // A position takes 22 bits beside the 31 of a magnitude: together an integer that float64 holds.
  for (let at = 0; at < packed.length; at++) packed[at] = bits[inside[at]] * MOST_ENTRIES + inside[at];
  packed.sort();
  const positions = new Uint32Array(packed.length);
  for (let at = 0; at < packed.length; at++)
    positions[at] = packed[at] - Math.floor(packed[at] / MOST_ENTRIES) * MOST_ENTRIES;
  return positions;
}

/** The same of ascending positions whose magnitudes differ in the `low` lowest bits alone. */
function byLowBits(bits: Uint32Array, inside: ArrayLike<number>, low: number): Uint32Array {
  const mask = 2 ** low - 1;
  const next = new Uint32Array(2 ** low + 1);
  for (let at = 0; at < inside.length; at++) next[(bits[inside[at]] & mask) + 1]++;
  for (let value = 1; value < next.length; value++) next[value] += next[value - 1];
  const positions = new Uint32Array(inside.length);
  for (let at = 0; at < inside.length; at++) positions[next[bits[inside[at]] & mask]++] = inside[at];
  return positions;
}

/** Whether entries that stand for so many are as many as wanted. */
export const isEnough = (entries: number, wanted: number): boolean => entries >= wanted * SLACK;

/** Which tensor a position lies in. */
export function tensorAt(offsets: Uint32Array, position: number): number {
  let [low, high] = [0, offsets.length - 2];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (offsets[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index of the first magnitude that is not below `bits`. */
export function firstFrom(slice: OrderedSlice, bits: number): number {
  let [low, high] = [0, slice.bits.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (slice.bits[middle] < bits) low = middle + 1;
    else high = middle;
  }
  return low;
}
