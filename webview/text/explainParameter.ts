/** How one parameter came about, in the paper's steps: the sums and names that the panel writes out. */
import type { MergeSet } from "../../src/protocol/mergeSet";
import type { ParameterValues } from "../plot/parameterAt";
import { votes } from "../plot/parameterAt";

export interface Term {
  model: number;
  /** Factor in front of τ̂: the model's weight where the rules apply it in this step, else 1. */
  weight: number;
  /** τ̂: what is kept of τ, rescaled where the method does. */
  taskVector: number;
}

export interface Explanation {
  /** Models whose entry survives trimming. */
  kept: number[];
  /** Kept entries by sign. */
  positive: number;
  negative: number;
  conflict: boolean;
  /** Terms of the election and their sum: Σ τ̂ (weighted), or Σ sgn τ̂ for `frequency`. */
  electionTerms: Term[];
  electionSum: number;
  /** γ. */
  elected: number;
  /** The kept entries cancel out, so that the rule for zero decides. */
  cancelled: boolean;
  /** Terms of the merge: those that agree with γ. */
  agreeing: Term[];
  /** Models that kept the entry and lost the election. */
  outvoted: Term[];
  /** What the sum of the terms is divided by: their count or their weights; 1 for a sum. */
  divisor: number;
  /** λ·τ_m, and θ₀ + λ·τ_m before it is rounded. */
  scaled: number;
  unrounded: number;
}

/**
 * Steps 2 to 4 for one parameter. Signs and τ_m themselves come from the engine, whose arithmetic is float32;
 * the sums here are float64 and are there to be read.
 */
export function explainParameter(values: ParameterValues, set: MergeSet): Explanation {
  const { rules } = set;
  const term = (model: number, weighted: boolean): Term => ({
    model,
    weight: weighted ? (set.models[model]?.weight ?? 1) : 1,
    taskVector: values.models[model]?.keptValue ?? 0,
  });
  const kept = values.models.flatMap((model, index) => (model.kept ? [index] : []));
  const electionTerms = kept.map((model) => term(model, rules.weights === "before"));
  const signed = ({ weight, taskVector }: Term): number => weight * taskVector;
  const electionSum = electionTerms.reduce(
    (sum, next) => sum + (rules.signConsensus === "mass" ? signed(next) : Math.sign(signed(next))),
    0,
  );
  const { elected } = values;
  const agrees = (candidate: Term): boolean => elected !== 0 && Math.sign(signed(candidate)) === elected;
  const agreeing = electionTerms.filter(agrees).map(({ model }) => term(model, true));
  const scaled = set.lambda * values.merged;
  return {
    kept,
    ...votes(values),
    conflict: votes(values).positive > 0 && votes(values).negative > 0,
    electionTerms,
    electionSum,
    elected,
    cancelled: kept.length > 0 && electionSum === 0,
    agreeing,
    outvoted: electionTerms.filter((candidate) => !agrees(candidate)),
    divisor: divisorOf(agreeing, set),
    scaled,
    unrounded: values.base + scaled,
  };
}

function divisorOf(agreeing: readonly Term[], { rules }: MergeSet): number {
  if (rules.merge === "sum") return 1;
  if (rules.weights === "after") return agreeing.length;
  return rules.normalize ? agreeing.reduce((sum, { weight }) => sum + weight, 0) : 1;
}
