/** What factoring merged changes to a rank has cost. */
import type { Factoring } from "../../protocol/engineApi";

export interface FactoredSquares {
  name: string;
  /** ‖ΔW‖² and ‖ΔW − B·A‖². */
  squares: { whole: number; rest: number };
}

export function factoringOf(rank: number, tensors: readonly FactoredSquares[]): Factoring {
  const sum = (key: "whole" | "rest"): number => tensors.reduce((all, { squares }) => all + squares[key], 0);
  return {
    rank,
    error: relativeError({ whole: sum("whole"), rest: sum("rest") }),
    tensors: tensors.map(({ name, squares }) => ({ name, error: relativeError(squares) })),
  };
}

/** Of no change at all, nothing can be off. */
const relativeError = ({ whole, rest }: FactoredSquares["squares"]): number =>
  whole > 0 ? Math.sqrt(rest / whole) : 0;

/** The tensors that are furthest off, the worst first. */
export const worstFactored = ({ tensors }: Factoring, count: number): Factoring["tensors"] =>
  [...tensors].sort((a, b) => b.error - a.error).slice(0, count);

/** An error for people: three digits. */
export const errorText = (error: number): string => (error < 1e-3 ? error.toExponential(1) : error.toPrecision(3));
