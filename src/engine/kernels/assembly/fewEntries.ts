/**
 * Sums over the entries that lose, and over those that cancel, whose sign is not known yet. They are few, and
 * taken one by one.
 */
import { BITS, GAMMA_ABOVE, GAMMA_BELOW, KEPT_ABOVE, KEPT_BELOW, LOST, SHARES, STRIDE, TALLY, TRIMMED } from "./memory";
import { divides, models } from "./rules";
import * as tally from "./tally";

/** As in electMerge.ts. */
const SMALLEST_DIVISOR: f32 = reinterpret<f32>(0x322b_cc78);

/** Σ|τ̂_t| of what loses the election. */
export function sumLost(count: i32): void {
  for (let t = 0; t < models; t++) {
    const at = tally.modelAt(t) + tally.LOST_MASS;
    for (let word = 0; word < count / 8; word += 8) {
      let entries = load<u64>(LOST + t * BITS + word);
      while (entries != 0) {
        const i = 8 * word + <i32>ctz(entries);
        addTo(at + (i & 3), <f64>abs(load<f32>(TRIMMED + t * STRIDE + 4 * i)));
        entries &= entries - 1;
      }
    }
  }
}

/** What each sign would make of the entries that cancel; `up` and `down` are the bit sets of the votes. */
export function sumCancelled(votes: usize, values: usize, up: usize, down: usize, count: i32): void {
  for (let word = 0; word < count / 8; word += 8) {
    let kept: u64 = 0;
    for (let t = 0; t < models; t++) {
      kept |= load<u64>(KEPT_ABOVE + t * BITS + word) | load<u64>(KEPT_BELOW + t * BITS + word);
    }
    let entries = kept & ~(load<u64>(GAMMA_ABOVE + word) | load<u64>(GAMMA_BELOW + word));
    while (entries != 0) {
      addEntry(8 * word + <i32>ctz(entries), votes, values, up + word, down + word);
      entries &= entries - 1;
    }
  }
}

function addEntry(i: i32, votes: usize, values: usize, up: usize, down: usize): void {
  const lane = i & 3;
  for (let t = 0; t < models; t++) {
    const magnitude = <f64>abs(load<f32>(TRIMMED + t * STRIDE + 4 * i));
    const isUp = has(up + t * BITS, i);
    const isDown = has(down + t * BITS, i);
    if (magnitude == 0) continue;
    if (!isUp) addTo(tally.modelAt(t) + tally.MASS_POSITIVE + lane, magnitude);
    if (!isDown) addTo(tally.modelAt(t) + tally.MASS_NEGATIVE + lane, magnitude);
  }
  const ifPositive = <f64>mergedUnder(1, i, votes, values);
  const ifNegative = <f64>mergedUnder(-1, i, votes, values);
  addTo(tally.MERGED_SQUARED_IF_POSITIVE + lane, ifPositive * ifPositive);
  addTo(tally.MERGED_SQUARED_IF_NEGATIVE + lane, ifNegative * ifNegative);
}

/** τ_m of one entry that cancels, had it been given this sign. */
function mergedUnder(sign: f32, i: i32, votes: usize, values: usize): f32 {
  let sum: f32 = 0;
  let divisor: f32 = 0;
  for (let t = 0; t < models; t++) {
    const at = t * STRIDE + 4 * i;
    if (!(load<f32>(votes + at) * sign > 0)) continue;
    sum += load<f32>(values + at);
    divisor += load<f32>(SHARES + 4 * t);
  }
  return divides && abs(divisor) >= SMALLEST_DIVISOR ? sum / divisor : sum;
}

/** Whether the word of a bit set holds entry i of its block. */
function has(word: usize, i: i32): bool {
  return ((load<u64>(word) >> (i & 63)) & 1) != 0;
}

function addTo(place: i32, value: f64): void {
  const at: usize = TALLY + 8 * place;
  store<f64>(at, load<f64>(at) + value);
}
