/** Counts of the interference statistics of one block, 64 entries at a time, from bit sets. */
import {
  ANY_ABOVE,
  ANY_BELOW,
  BITS,
  COUNTS,
  GAMMA_ABOVE,
  GAMMA_BELOW,
  KEPT_ABOVE,
  KEPT_BELOW,
  LOST,
  TIMES_ABOVE,
  TIMES_BELOW,
} from "./memory";
import { models } from "./rules";
import * as tally from "./tally";

/**
 * @param up, down bit sets of the votes.
 * @param count entries, a multiple of WORD.
 */
export function countBlock(up: usize, down: usize, count: i32): void {
  const bytes = count / 8;
  countElection(bytes);
  for (let i = 0; i < models; i++) {
    countModel(i, up + i * BITS, down + i * BITS, bytes);
    for (let j = i + 1; j < models; j++) countPair(i, j, bytes);
  }
  for (let word = 0; word < bytes; word += 16) countSigns(word);
}

function countElection(bytes: i32): void {
  let conflicts = 0;
  let positives = 0;
  let negatives = 0;
  let cancelled = 0;
  for (let word = 0; word < bytes; word += 8) {
    const positive = load<u64>(GAMMA_ABOVE + word);
    const negative = load<u64>(GAMMA_BELOW + word);
    let kept: u64 = 0;
    for (let t = 0; t < models; t++) {
      kept |= load<u64>(KEPT_ABOVE + t * BITS + word) | load<u64>(KEPT_BELOW + t * BITS + word);
    }
    conflicts += <i32>popcnt(load<u64>(ANY_ABOVE + word) & load<u64>(ANY_BELOW + word));
    positives += <i32>popcnt(positive);
    negatives += <i32>popcnt(negative);
    cancelled += <i32>popcnt(kept & ~(positive | negative));
  }
  add(tally.CONFLICT_BEFORE, conflicts);
  add(tally.ELECTED_POSITIVE, positives);
  add(tally.ELECTED_NEGATIVE, negatives);
  add(tally.CANCELLED, cancelled);
}

/** Also notes which entries lose. */
function countModel(t: i32, up: usize, down: usize, bytes: i32): void {
  let positives = 0;
  let negatives = 0;
  let losses = 0;
  let lostIfPositive = 0;
  let lostIfNegative = 0;
  for (let word = 0; word < bytes; word += 8) {
    const above = load<u64>(KEPT_ABOVE + t * BITS + word);
    const below = load<u64>(KEPT_BELOW + t * BITS + word);
    const positive = load<u64>(GAMMA_ABOVE + word);
    const negative = load<u64>(GAMMA_BELOW + word);
    const votesUp = load<u64>(up + word);
    const votesDown = load<u64>(down + word);
    const elected = positive | negative;
    const kept = above | below;
    const lost = kept & elected & ~((votesUp & positive) | (votesDown & negative));
    store<u64>(LOST + t * BITS + word, lost);
    positives += <i32>popcnt(above);
    negatives += <i32>popcnt(below);
    losses += <i32>popcnt(lost);
    lostIfPositive += <i32>popcnt(kept & ~elected & ~votesUp);
    lostIfNegative += <i32>popcnt(kept & ~elected & ~votesDown);
  }
  const at = tally.modelAt(t);
  add(at + tally.POSITIVE, positives);
  add(at + tally.NEGATIVE, negatives);
  add(at + tally.LOST_COUNT, losses);
  add(at + tally.LOST_IF_POSITIVE, lostIfPositive);
  add(at + tally.LOST_IF_NEGATIVE, lostIfNegative);
}

function countPair(i: i32, j: i32, bytes: i32): void {
  let both = 0;
  let disagree = 0;
  for (let word = 0; word < bytes; word += 8) {
    const above = load<u64>(KEPT_ABOVE + i * BITS + word);
    const below = load<u64>(KEPT_BELOW + i * BITS + word);
    const otherAbove = load<u64>(KEPT_ABOVE + j * BITS + word);
    const otherBelow = load<u64>(KEPT_BELOW + j * BITS + word);
    both += <i32>popcnt((above | below) & (otherAbove | otherBelow));
    disagree += <i32>popcnt((above & otherBelow) | (below & otherAbove));
  }
  const at = tally.pairAt(i, j);
  add(at + tally.BOTH_KEPT, both);
  add(at + tally.DISAGREE, disagree);
}

/** How many models keep an entry with +, and how many with −, of 128 entries: sets by that number, and where they meet. */
function countSigns(word: i32): void {
  sortByNumber(TIMES_ABOVE, KEPT_ABOVE + word);
  sortByNumber(TIMES_BELOW, KEPT_BELOW + word);
  for (let above = 0; above <= models; above++) {
    const entries = v128.load(TIMES_ABOVE + 16 * above);
    if (!v128.any_true(entries)) continue;
    const at = tally.signsAt(above, 0);
    for (let below = 0; below <= models - above; below++) {
      const both = v128.and(entries, v128.load(TIMES_BELOW + 16 * below));
      add(at + below, <i32>(popcnt(i64x2.extract_lane(both, 0)) + popcnt(i64x2.extract_lane(both, 1))));
    }
  }
}

/** Sorts 128 entries by how many of the models' sets hold them. */
function sortByNumber(times: usize, sets: usize): void {
  v128.store(times, i32x4.splat(-1));
  for (let t = 0; t < models; t++) {
    const set = v128.load(sets + t * BITS);
    let last = v128.load(times + 16 * t);
    v128.store(times + 16 * (t + 1), v128.and(last, set));
    for (let number = t; number > 0; number--) {
      const fewer = v128.load(times + 16 * (number - 1));
      v128.store(times + 16 * number, v128.bitselect(fewer, last, set));
      last = fewer;
    }
    v128.store(times, v128.andnot(last, set));
  }
}

function add(place: i32, entries: i32): void {
  const at: usize = COUNTS + 4 * place;
  store<i32>(at, load<i32>(at) + entries);
}
