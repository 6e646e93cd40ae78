/** What methods that measure a tensor make of its scalar products: the coefficients of its models. */
import { MergeError } from "../../protocol/errors";
import { DEFAULT_T, type Method } from "../../protocol/mergeSet";
import type { MergeParameters } from "../kernels/kernels";
import { stockRatio } from "../merge/modelStock";
import { slerpWeights } from "../merge/slerp";
import type { TensorParameters } from "./tensorParameters";

/** What holds for one tensor in the place of the merge's own parameters. */
export type Coefficients = Pick<MergeParameters, "weights" | "lambda" | "normalize">;

/**
 * @param products of the vectors that the method measures, see `productIndex`.
 * Throws `task-vectors-cancel` where Model Stock has no ratio.
 */
export function modelCoefficients(
  method: Method,
  tensor: string,
  { parameters, t = DEFAULT_T }: TensorParameters,
  products: readonly number[],
): Coefficients {
  const { lambda, weights } = parameters;
  if (method === "slerp") return { weights: slerpWeights(products, t), lambda, normalize: false };
  const ratio = stockRatio(products, weights.length);
  if (ratio === null) throw new MergeError("task-vectors-cancel", { where: tensor });
  return { weights, lambda: lambda * ratio, normalize: true };
}
