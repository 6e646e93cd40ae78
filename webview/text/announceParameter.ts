/** One parameter as a sentence, for the live region. */
import type { ModelChoice } from "../../src/protocol/mergeSet";
import type { ParameterValues } from "../plot/parameterAt";
import type { Cell } from "../plot/viewport";
import { formatSigned } from "./numbers";
import { t } from "./translate";

export function announceParameter(
  { row, column }: Cell,
  values: ParameterValues | null,
  models: readonly ModelChoice[],
): string {
  const place = t("row {row}, column {column}", { row, column });
  if (!values) return `${place}: ${t("reading…")}`;
  const votes = values.models.map((model, index) => {
    const name = models[index]?.name ?? "";
    return model.kept
      ? t("{model} kept {value}", { model: name, value: formatSigned(model.taskVector) })
      : t("{model} trimmed", { model: name });
  });
  return `${place}: ${[...votes, t("merged {value}", { value: formatSigned(values.merged) })].join(", ")}`;
}
