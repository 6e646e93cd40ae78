/** The value of a rank among those listed by histogram.ts, by distribution into buckets (merge/select.ts). */
import { SORT_BUCKETS } from "./memory";

const BITS = 11;
const BUCKETS = 1 << BITS;
/** Entries take turns among as many counters: most of a list may be one value, and an addition waits for the last. */
const LANES = 4;

/** How many of the list were larger than the value found, and how many equal. */
export let larger: i32 = 0;
export let equal: i32 = 0;

/**
 * @param list address of `count` magnitudes, which are reordered, all from `from` to below `from` + `span`.
 * @param rank from above, 1-based.
 */
export function largest(list: usize, count: i32, rank: i32, from: i32, span: i32): i32 {
  larger = 0;
  while (span > 1) {
    const shift = max(0, 32 - clz(span - 1) - BITS);
    distribute(list, count, from, shift);
    const bucket = bucketOf(rank);
    count = keepBucket(list, count, from, shift, bucket);
    from += bucket << shift;
    span = 1 << shift;
    if (allEqual(list, count)) {
      from = load<i32>(list);
      break;
    }
  }
  equal = count;
  return from;
}

function distribute(list: usize, count: i32, from: i32, shift: i32): void {
  memory.fill(SORT_BUCKETS, 0, 4 * LANES * BUCKETS);
  for (let i = 0; i < count; i++) {
    const bucket = (load<i32>(list + 4 * i) - from) >>> shift;
    const at: usize = SORT_BUCKETS + 4 * (LANES * bucket + (i & (LANES - 1)));
    store<i32>(at, load<i32>(at) + 1);
  }
}

/** The bucket with the entry of a rank; those above it are added to `larger`. */
function bucketOf(rank: i32): i32 {
  for (let bucket = BUCKETS - 1; bucket > 0; bucket--) {
    const inside = entriesOf(bucket);
    if (larger + inside >= rank) return bucket;
    larger += inside;
  }
  return 0;
}

function entriesOf(bucket: i32): i32 {
  const lanes = v128.load(SORT_BUCKETS + 4 * LANES * bucket);
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}

/** Moves the entries of a bucket to the front; how many they are. */
function keepBucket(list: usize, count: i32, from: i32, shift: i32, bucket: i32): i32 {
  let to = list;
  for (let i = 0; i < count; i++) {
    const value = load<i32>(list + 4 * i);
    store<i32>(to, value);
    to += (value - from) >>> shift == bucket ? 4 : 0;
  }
  return <i32>((to - list) >> 2);
}

function allEqual(list: usize, count: i32): bool {
  const first = load<i32>(list);
  let differing = 0;
  for (let i = 1; i < count; i++) differing |= load<i32>(list + 4 * i) ^ first;
  return differing == 0;
}
