/** Why nothing is counted of a tensor, in the words of the errors. */
import type { ErrorData } from "../../src/protocol/errors";
import { describeFailure } from "./describe";
import { fromErrorData } from "../../src/protocol/errors";

export const brokenText = (reasons: readonly ErrorData[]): string =>
  [...new Set(reasons.map((reason) => describeFailure(fromErrorData(reason))))].join(" ");
