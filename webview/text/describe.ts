/** A rejected call as the sentence a person reads. */
import { toErrorData } from "../../src/protocol/errors";
import { describeInEditor, ERROR_TEXT } from "../../src/protocol/errorText";
import { t } from "./translate";

export function describeFailure(error: unknown): string {
  const data = toErrorData(error);
  // A newer host may know codes that this panel does not; its details still help.
  const known =
    data.code in ERROR_TEXT ? data : { code: "internal" as const, details: { where: "", message: data.code } };
  return describeInEditor(known, (template) => t(template));
}

export const isCancelled = (error: unknown): boolean => toErrorData(error).code === "cancelled";
