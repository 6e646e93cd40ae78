/** Counts of the interference statistics, 64 entries at a time, from bit sets. */
import {
  ANY_ABOVE,
  ANY_BELOW,
  BITS,
  COUNTS,
  GAMMA_ABOVE,
  GAMMA_BELOW,
  KEPT_ABOVE,
  KEPT_BELOW,
  TIMES_ABOVE,
  TIMES_BELOW,
} from "./memory";
import { models } from "./rules";
import * as tally from "./tally";

/** Counts a block; `up` and `down` are the bit sets of its votes. */
export function countBlock(up: usize, down: usize, count: i32): void {
  for (let word = 0; word < count / 8; word += 8) {
    const positive = load<u64>(GAMMA_ABOVE + word);
    const negative = load<u64>(GAMMA_BELOW + word);
    add(tally.CONFLICT_BEFORE, load<u64>(ANY_ABOVE + word) & load<u64>(ANY_BELOW + word));
    add(tally.ELECTED_POSITIVE, positive);
    add(tally.ELECTED_NEGATIVE, negative);
    let voted: u64 = 0;
    for (let t = 0; t < models; t++) {
      const votesUp = load<u64>(up + t * BITS + word);
      const votesDown = load<u64>(down + t * BITS + word);
      voted |= votesUp | votesDown;
      countModel(t, word, positive, negative, votesUp, votesDown);
    }
    add(tally.CANCELLED, voted & ~(positive | negative));
    countPairs(word);
    countSigns(word);
  }
}

function countModel(t: i32, word: i32, positive: u64, negative: u64, votesUp: u64, votesDown: u64): void {
  const at = tally.modelAt(t);
  const above = load<u64>(KEPT_ABOVE + t * BITS + word);
  const below = load<u64>(KEPT_BELOW + t * BITS + word);
  const kept = above | below;
  const elected = positive | negative;
  add(at + tally.POSITIVE, above);
  add(at + tally.NEGATIVE, below);
  add(at + tally.LOST_COUNT, kept & elected & ~((votesUp & positive) | (votesDown & negative)));
  add(at + tally.VOTES_POSITIVE, kept & votesUp & ~elected);
  add(at + tally.VOTES_NEGATIVE, kept & votesDown & ~elected);
}

function countPairs(word: i32): void {
  let at = tally.pairAt(0, 1);
  for (let i = 0; i < models; i++) {
    const above = load<u64>(KEPT_ABOVE + i * BITS + word);
    const below = load<u64>(KEPT_BELOW + i * BITS + word);
    const kept = above | below;
    for (let j = i + 1; j < models; j++) {
      const otherAbove = load<u64>(KEPT_ABOVE + j * BITS + word);
      const otherBelow = load<u64>(KEPT_BELOW + j * BITS + word);
      add(at + tally.BOTH_KEPT, kept & (otherAbove | otherBelow));
      add(at + tally.DISAGREE, (above & otherBelow) | (below & otherAbove));
      at += tally.PAIR_LENGTH;
    }
  }
}

/** How many models keep an entry with +, and how many with −: sets of entries by that number, and how they meet. */
function countSigns(word: i32): void {
  byNumber(TIMES_ABOVE, KEPT_ABOVE + word);
  byNumber(TIMES_BELOW, KEPT_BELOW + word);
  for (let above = 0; above <= models; above++) {
    const entries = load<u64>(TIMES_ABOVE + 8 * above);
    if (entries == 0) continue;
    const at = tally.signsAt(above, 0);
    for (let below = 0; below <= models - above; below++) {
      add(at + below, entries & load<u64>(TIMES_BELOW + 8 * below));
    }
  }
}

/** Sorts the entries of a word by how many of the models' sets hold them. */
function byNumber(times: usize, sets: usize): void {
  store<u64>(times, ~(<u64>0));
  for (let t = 0; t < models; t++) {
    const set = load<u64>(sets + t * BITS);
    let before = load<u64>(times + 8 * t);
    store<u64>(times + 8 * (t + 1), before & set);
    for (let number = t; number > 0; number--) {
      const fewer = load<u64>(times + 8 * (number - 1));
      store<u64>(times + 8 * number, (before & ~set) | (fewer & set));
      before = fewer;
    }
    store<u64>(times, before & ~set);
  }
}

function add(place: i32, entries: u64): void {
  const at: usize = COUNTS + 4 * place;
  store<i32>(at, load<i32>(at) + <i32>popcnt(entries));
}
