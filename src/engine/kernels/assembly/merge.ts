/** One chunk from stored inputs to stored output, with its statistics. */
import { allFinite, baseOf, filledUp, loadModels, trimModels } from "./chunk";
import { LINEAR, TASK_ARITHMETIC, TIES } from "./codes";
import { bytesOf } from "./dtypes";
import { electMerge, resetElection } from "./electMerge";
import { encodeBlock } from "./encode";
import { FAILED, mergeFused } from "./fused";
import { BLOCK, PADDED, TASK_VECTORS, TRIMMED, WEIGHTED, ZEROS } from "./memory";
import * as rules from "./rules";
import { addBlock, addCounts, resetCounts } from "./statistics";
import { sumModels, weigh } from "./weigh";

/**
 * Merges `count` entries of the inputs by the rules that were set.
 * @param hasBase whether input 0 is there. Only `linear` does without.
 * @param elects whether the steps of TIES run: its own, or for the statistics of another method.
 * @param output address of the encoded result, or 0.
 * @returns false where this chunk needs the plain kernels: something is not finite, or an error is to be told.
 */
export function merge(
  count: i32,
  hasBase: bool,
  elects: bool,
  negativeZero: bool,
  statistics: bool,
  output: usize,
  dtype: i32,
): bool {
  resetElection();
  if (statistics) resetCounts();
  let fused = 0;
  if (hasBase && elects && !statistics && output != 0) {
    fused = mergeFused(count, negativeZero, output, dtype);
    if (fused == FAILED) return false;
    output += fused * bytesOf(dtype);
  }
  for (let start = fused; start < count; start += BLOCK) {
    const length = min(BLOCK, count - start);
    const base = hasBase ? baseOf(start, length) : <usize>ZEROS;
    if (rules.method == LINEAR) {
      if (!allFinite(base, length) || loadModels(rules.models, ZEROS, start, length)) return false;
      if (output != 0 && !average(TRIMMED, base, length, output, dtype)) return false;
    }
    if (elects) {
      if (trimModels(rules.models, base, start, length)) return false;
      if (!ties(length, negativeZero, statistics)) return false;
      if (rules.method == TIES && output != 0 && !write(base, length, output, dtype)) return false;
    }
    if (rules.method == TASK_ARITHMETIC) {
      if (!elects && loadModels(rules.models, base, start, length)) return false;
      if (output != 0 && !average(TASK_VECTORS, base, length, output, dtype)) return false;
    }
    if (output != 0) output += length * bytesOf(dtype);
  }
  if (statistics) addCounts();
  return true;
}

/** Elect and disjoint merge; the statistics. */
function ties(count: i32, negativeZero: bool, statistics: bool): bool {
  if (rules.weighted) weigh(TRIMMED, rules.models, filledUp(count));
  const values: usize = rules.weighted ? WEIGHTED : TRIMMED;
  const votes = rules.weightsVote ? values : <usize>TRIMMED;
  const tooSmall = electMerge(
    votes,
    values,
    rules.models,
    filledUp(count),
    rules.byNumber,
    negativeZero,
    rules.divides,
    statistics,
  );
  if (tooSmall && rules.method == TIES) return false;
  if (statistics) addBlock(votes, values, count);
  return true;
}

/** Σ w_t·x_t / total, written. */
function average(blocks: usize, base: usize, count: i32, output: usize, dtype: i32): bool {
  if (rules.weighted) weigh(blocks, rules.models, filledUp(count));
  sumModels(rules.weighted ? <usize>WEIGHTED : blocks, rules.models, filledUp(count), rules.total);
  return write(base, count, output, dtype);
}

/** θ₀ + λ·τ_m, or the average itself, encoded. Whether it fits. */
function write(base: usize, count: i32, output: usize, dtype: i32): bool {
  const to = count == BLOCK ? output : <usize>PADDED;
  const bad = encodeBlock(dtype, base, rules.method != LINEAR, rules.lambda, to, filledUp(count));
  if (to == PADDED) memory.copy(output, PADDED, count * bytesOf(dtype));
  return !bad;
}
