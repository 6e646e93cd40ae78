/** One parameter as a sentence, for the live region. */
import type { ModelChoice } from "../../src/protocol/mergeSet";
import type { MagnitudeCounts } from "../../src/protocol/tiles";
import type { ParameterValues } from "../plot/parameterAt";
import type { Cell } from "../plot/viewport";
import { formatSigned, formatWeight } from "./numbers";
import { formatRank, rankOf } from "./rank";
import { t } from "./translate";

export function announceParameter(
  { row, column }: Cell,
  values: ParameterValues | null,
  models: readonly Pick<ModelChoice, "name">[],
  magnitudes: MagnitudeCounts | null = null,
): string {
  const place = t("row {row}, column {column}", { row, column });
  if (!values) return `${place}: ${t("reading…")}`;
  const votes = values.models.map(({ taskVector, kept, lost }, index) => {
    const model = models[index]?.name ?? "";
    const rank = magnitudes && rankOf(magnitudes, index, taskVector);
    const said = rank ? ` (${formatRank(rank)})` : "";
    if (!kept) return t("{model} trimmed", { model }) + said;
    const value = formatSigned(taskVector);
    return (
      (lost ? t("{model} kept {value}, outvoted", { model, value }) : t("{model} kept {value}", { model, value })) +
      said
    );
  });
  const merged = t("merged {value}", { value: formatSigned(values.merged) });
  return `${place}: ${[...votes, merged, `θ ${formatWeight(values.result)}`].join(", ")}`;
}
