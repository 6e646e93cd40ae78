/** Interference statistics of blocks that were just merged, added to the tally. */
import { signsOf, unite } from "./bitSets";
import { filledUp } from "./chunk";
import { countBlock } from "./counts";
import { sumCancelled, sumLost } from "./fewEntries";
import { ABOVE, ANY_ABOVE, ANY_BELOW, BELOW, BITS, COUNTS, GAMMA, GAMMA_ABOVE, GAMMA_BELOW } from "./memory";
import { KEPT_ABOVE, KEPT_BELOW, STRIDE, TALLY, TASK_VECTORS, TRIMMED, VOTES_ABOVE, VOTES_BELOW } from "./memory";
import { models } from "./rules";
import { sumBlock } from "./sums";
import * as tally from "./tally";

/** @param votes, values as electMerge took them. */
export function addBlock(votes: usize, values: usize, count: i32): void {
  const filled = filledUp(count);
  memory.fill(ANY_ABOVE, 0, 2 * BITS);
  for (let t = 0; t < models; t++) {
    signsOf(TASK_VECTORS + t * STRIDE, ABOVE, BELOW, filled, true);
    unite(ANY_ABOVE, ABOVE, filled);
    unite(ANY_BELOW, BELOW, filled);
    // What is trimmed is +0, and γ is a converted integer.
    signsOf(TRIMMED + t * STRIDE, KEPT_ABOVE + t * BITS, KEPT_BELOW + t * BITS, filled, false);
    if (votes != TRIMMED) signsOf(votes + t * STRIDE, VOTES_ABOVE + t * BITS, VOTES_BELOW + t * BITS, filled, true);
  }
  signsOf(GAMMA, GAMMA_ABOVE, GAMMA_BELOW, filled, false);
  const up: usize = votes == TRIMMED ? KEPT_ABOVE : VOTES_ABOVE;
  const down: usize = votes == TRIMMED ? KEPT_BELOW : VOTES_BELOW;
  countBlock(up, down, filled);
  // What the block was filled up with is kept by nobody.
  const nobody: usize = COUNTS + 4 * tally.signsAt(0, 0);
  store<i32>(nobody, load<i32>(nobody) + count - filled);
  sumBlock(filled);
  sumLost(filled);
  sumCancelled(votes, values, up, down, filled);
}

/** Forgets counts of a chunk that did not end well. */
export function resetCounts(): void {
  memory.fill(COUNTS, 0, 4 * tally.length());
}

/** Adds the counts of a chunk. */
export function addCounts(): void {
  for (let place = 0; place < tally.length(); place++) {
    const at: usize = TALLY + 8 * place;
    store<f64>(at, load<f64>(at) + <f64>load<i32>(COUNTS + 4 * place));
  }
}
