/** How one parameter came about, in the paper's steps: the sums and names that the panel writes out. */
import { keepsVaried, type MergeSet } from "../../src/protocol/mergeSet";
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
  /** Kept entries by the sign that they vote for. */
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
  /** Σ w_t·τ_t of task arithmetic, or what it is divided by where weights are normalised. */
  weightedSum: number;
  weightTotal: number;
  /** What the plain mean of the models would have moved: mean of τ_t, and θ by it. */
  averageMove: number;
  average: number;
}

/**
 * Steps 2 to 4 for one parameter, by the weights, λ and `normalize` of its own tensor. Signs and τ_m themselves come
 * from the engine, whose arithmetic is float32; the sums here are float64 and are there to be read.
 */
export function explainParameter(
  values: ParameterValues,
  { method, rules }: Pick<MergeSet, "method" | "rules">,
): Explanation {
  const term = (model: number, weighted: boolean): Term => ({
    model,
    weight: weighted ? (values.models[model]?.weight ?? 1) : 1,
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
  const scaled = values.lambda * values.merged;
  const signs = votes(values);
  const sum = (of: (model: ParameterValues["models"][number]) => number): number =>
    values.models.reduce((total, model) => total + of(model), 0);
  const averageMove = sum(({ taskVector }) => taskVector) / Math.max(1, values.models.length);
  return {
    kept,
    positive: electionTerms.filter((vote) => signed(vote) > 0).length,
    negative: electionTerms.filter((vote) => signed(vote) < 0).length,
    conflict: signs.positive > 0 && signs.negative > 0,
    electionTerms,
    electionSum,
    elected,
    // A sum that float32 rounds to 0, or not, is the engine's to judge: where γ agrees with the sum, it decided.
    cancelled: kept.length > 0 && (electionSum === 0 || Math.sign(electionSum) !== elected),
    agreeing,
    outvoted: electionTerms.filter((candidate) => !agrees(candidate)),
    divisor: keepsVaried(method) ? weightsOf(agreeing) : divisorOf(agreeing, rules, values.normalize),
    scaled,
    unrounded: values.base + scaled,
    weightedSum: sum(({ weight, keptValue }) => weight * keptValue),
    weightTotal: values.normalize ? sum(({ weight }) => weight) : 1,
    averageMove,
    average: values.base + averageMove,
  };
}

function divisorOf(agreeing: readonly Term[], rules: MergeSet["rules"], normalize: boolean): number {
  if (rules.merge === "sum") return 1;
  if (rules.weights === "after") return agreeing.length;
  return normalize ? weightsOf(agreeing) : 1;
}

const weightsOf = (terms: readonly Term[]): number => terms.reduce((sum, { weight }) => sum + weight, 0);
