/** How the next chunks are merged. */
import { TIES } from "./codes";
import { SHARES, WEIGHTS } from "./memory";

export let models: i32 = 0;
export let method: i32 = TIES;
/** λ */
export let lambda: f32 = 1;
/** What the sum of `linear` and task arithmetic is divided by. */
export let total: f32 = 1;
/** Whether some weight is not 1. */
export let weighted: bool = false;
/** Whether weights come before the election. */
export let weightsVote: bool = true;
/** γ from the signs alone (`frequency`). */
export let byNumber: bool = false;
/** Whether the sum of what agrees is divided by the sum of its shares. */
export let divides: bool = true;

export function setMethod(itsModels: i32, itsMethod: i32, itsLambda: f32, itsTotal: f32): void {
  models = itsModels;
  method = itsMethod;
  lambda = itsLambda;
  total = itsTotal;
  weighted = false;
}

export function setElection(itsWeightsVote: bool, itsByNumber: bool, itsDivides: bool): void {
  weightsVote = itsWeightsVote;
  byNumber = itsByNumber;
  divides = itsDivides;
}

/** @param share what model t adds to the divisor of the disjoint mean. */
export function setWeight(t: i32, weight: f32, share: f32): void {
  store<f32>(WEIGHTS + 4 * t, weight);
  store<f32>(SHARES + 4 * t, share);
  weighted = weighted || weight != 1;
}
