/**
 * TIES on up to four models in registers, from stored inputs to stored output: the usual merge, of models without
 * weights whose inputs and output have one dtype. What it leaves to the general way (merge.ts) it does not touch.
 */
import { inputAddress, inputDtype, limitOf } from "./chunk";
import { BF16_ID, F16_ID, F32_ID, TIES } from "./codes";
import { Decode } from "./decode";
import { BF16, F16, F32 } from "./dtypes";
import { addElection } from "./electMerge";
import { Encode, Overflow } from "./encode";
import { Flag, Off, On } from "./flags";
import { magnitudeBits, one, signBits, underHalf } from "./invariants";
import * as rules from "./rules";

/** Entries of one turn of the loop. */
const GROUP = 4;
const MOST_MODELS = 4;
/** The magnitude that no entry is above. */
const KEEP_NONE = 0x7fff_ffff;

/** Result of `mergeFused`: a result does not fit or an input is not finite. */
export const FAILED = -1;

/** Merges the first entries of a chunk; gives how many, which may be none, or FAILED. */
export function mergeFused(count: i32, negativeZero: bool, output: usize, dtype: i32): i32 {
  if (dtype > F32_ID || rules.method != TIES || rules.models > MOST_MODELS || rules.weighted || rules.byNumber)
    return 0;
  for (let at = 0; at <= rules.models; at++) if (inputDtype(at) != dtype) return 0;
  for (let t = 0; t < rules.models; t++) if (limitOf(t, count) < 0) return 0;
  const whole = count & ~(GROUP - 1);
  let done: bool;
  if (dtype == BF16_ID) done = mergeAs<BF16>(whole, count, negativeZero, output);
  else if (dtype == F16_ID) done = mergeAs<F16>(whole, count, negativeZero, output);
  else done = mergeAs<F32>(whole, count, negativeZero, output);
  return done ? whole : FAILED;
}

function mergeAs<D>(whole: i32, count: i32, negativeZero: bool, output: usize): bool {
  if (rules.models > 2) {
    if (rules.divides) return run<D, On, On>(whole, count, negativeZero, output);
    return run<D, On, Off>(whole, count, negativeZero, output);
  }
  if (rules.divides) return run<D, Off, On>(whole, count, negativeZero, output);
  return run<D, Off, Off>(whole, count, negativeZero, output);
}

/** The base stands in for a model that is not there: it moves nothing, and nothing of it is kept. */
function addressOf(t: i32): usize {
  return inputAddress(t < rules.models ? 1 + t : 0);
}

function limits(t: i32, count: i32): v128 {
  return i32x4.splat(t < rules.models ? limitOf(t, count) : KEEP_NONE);
}

/** @param Four whether there are more than two models. */
function run<D, Four, Divides>(whole: i32, count: i32, negativeZero: bool, output: usize): bool {
  const magnitudes = i32x4.splat(magnitudeBits);
  const signs = i32x4.splat(signBits);
  const ones = i32x4.splat(one);
  const underHalves = i32x4.splat(underHalf);
  const floatOnes = f32x4.convert_i32x4_s(ones);
  const halves = f32x4.div(floatOnes, f32x4.add(floatOnes, floatOnes));
  const zeroIsNegative = i32x4.splat(negativeZero ? -1 : 0);
  const factor = f32x4.splat(rules.lambda);
  const limit0 = limits(0, count);
  const limit1 = limits(1, count);
  const limit2 = limits(2, count);
  const limit3 = limits(3, count);
  const offset1 = addressOf(1) - addressOf(0);
  const offset2 = addressOf(2) - addressOf(0);
  const offset3 = addressOf(3) - addressOf(0);
  let from = addressOf(0);
  let base = inputAddress(0);
  let ups = i32x4.splat(0);
  let downs = i32x4.splat(0);
  let voters = i32x4.splat(0);
  let largest = i32x4.splat(0);
  let results = i32x4.splat(0);
  for (const end = output + whole * sizeof<D>(); output < end; output += GROUP * sizeof<D>()) {
    const theta = Decode.load4<D>(base);
    let kept0 = f32x4.sub(Decode.load4<D>(from), theta);
    let kept1 = f32x4.sub(Decode.load4<D>(from + offset1), theta);
    const magnitude0 = v128.and(kept0, magnitudes);
    const magnitude1 = v128.and(kept1, magnitudes);
    largest = i32x4.max_s(largest, i32x4.max_s(magnitude0, magnitude1));
    kept0 = v128.and(kept0, i32x4.gt_s(magnitude0, limit0));
    kept1 = v128.and(kept1, i32x4.gt_s(magnitude1, limit1));
    let sum = f32x4.add(kept0, kept1);
    let any = v128.or(kept0, kept1);
    let kept2 = i32x4.splat(0);
    let kept3 = i32x4.splat(0);
    if (Flag.isOn<Four>()) {
      kept2 = f32x4.sub(Decode.load4<D>(from + offset2), theta);
      kept3 = f32x4.sub(Decode.load4<D>(from + offset3), theta);
      const magnitude2 = v128.and(kept2, magnitudes);
      const magnitude3 = v128.and(kept3, magnitudes);
      largest = i32x4.max_s(largest, i32x4.max_s(magnitude2, magnitude3));
      kept2 = v128.and(kept2, i32x4.gt_s(magnitude2, limit2));
      kept3 = v128.and(kept3, i32x4.gt_s(magnitude3, limit3));
      sum = f32x4.add(f32x4.add(sum, kept2), kept3);
      any = v128.or(any, v128.or(kept2, kept3));
    }
    const isUp = f32x4.gt(sum, f32x4.splat(0));
    const isDown = f32x4.lt(sum, f32x4.splat(0));
    ups = i32x4.sub(ups, isUp);
    downs = i32x4.sub(downs, isDown);
    voters = i32x4.sub(voters, i32x4.ne(any, i32x4.splat(0)));

    // Turned by γ's sign, exactly the votes that agree are above 0.
    const turn = v128.and(v128.or(isDown, v128.andnot(zeroIsNegative, isUp)), signs);
    const agrees0 = f32x4.gt(v128.xor(kept0, turn), f32x4.splat(0));
    const agrees1 = f32x4.gt(v128.xor(kept1, turn), f32x4.splat(0));
    let merged = f32x4.add(v128.and(kept0, agrees0), v128.and(kept1, agrees1));
    if (Flag.isOn<Four>()) {
      const agrees2 = f32x4.gt(v128.xor(kept2, turn), f32x4.splat(0));
      const agrees3 = f32x4.gt(v128.xor(kept3, turn), f32x4.splat(0));
      merged = f32x4.add(merged, v128.and(kept2, agrees2));
      merged = f32x4.add(merged, v128.and(kept3, agrees3));
      if (Flag.isOn<Divides>()) {
        const agreeing = i32x4.add(i32x4.add(agrees0, agrees1), i32x4.add(agrees2, agrees3));
        const divisor = f32x4.convert_i32x4_s(i32x4.max_s(i32x4.neg(agreeing), ones));
        merged = f32x4.div(merged, divisor);
      }
    } else if (Flag.isOn<Divides>()) {
      // Halving is exactly dividing by 2.
      const half = v128.bitselect(halves, floatOnes, v128.and(agrees0, agrees1));
      merged = f32x4.mul(merged, half);
    }
    const result = f32x4.add(f32x4.mul(merged, factor), theta);
    results = i32x4.max_s(results, v128.and(result, magnitudes));
    Encode.store4<D>(output, result, underHalves, ones);
    from += GROUP * sizeof<D>();
    base += GROUP * sizeof<D>();
  }
  addElection(ups, downs, voters);
  return !(Overflow.reached<F32>(largest) || Overflow.reached<D>(results));
}
