/** Step 1 of a parameter's explanation: each model's entry, its rank, and whether trimming keeps it. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import { electsSigns, keepsRandom, keepsShare, keepsVaried, type MergeSet } from "../../src/protocol/mergeSet";
import type { MagnitudeCounts } from "../../src/protocol/tiles";
import type { ParameterValues } from "../plot/parameterAt";
import type { ShownSet } from "../state/inspectorState";
import { formatMagnitude, formatRatio, formatShare, formatSigned } from "../text/numbers";
import type { Rank } from "../text/rank";
import { formatRank, rankOf } from "../text/rank";
import { t } from "../text/translate";
import { modelMark } from "./modelMark";

export const signClass = (value: number): string => (value > 0 ? "plus" : value < 0 ? "minus" : "");

export function headingOfTaskVectors({ method }: MergeSet): string {
  if (!keepsShare(method)) return t("Task vectors");
  if (keepsVaried(method)) return t("1 · Task vectors, selected and weighed");
  if (!keepsRandom(method)) return t("1 · Task vectors and trim");
  return electsSigns(method) ? t("1 · Task vectors, dropped and rescaled") : t("Task vectors, dropped and rescaled");
}

/** The magnitudes that are kept: from the threshold on, or up to where outliers begin. */
const rangeText = (threshold: number, ceiling: number): string =>
  Number.isFinite(ceiling) ? `${formatMagnitude(threshold)} – ${formatMagnitude(ceiling)}` : formatMagnitude(threshold);

export function renderTaskVectors(
  values: ParameterValues,
  set: ShownSet,
  trims: boolean,
  magnitudes: MagnitudeCounts | null,
): TemplateResult {
  const drawn = keepsRandom(set.method);
  const varied = keepsVaried(set.method);
  const ranks = values.models.map(({ taskVector }, model) => magnitudes && rankOf(magnitudes, model, taskVector));
  return html`<table>
      <thead>
        <tr>
          <th scope="col">${t("model")}</th>
          <th scope="col">τ</th>
          <th scope="col">${t("rank")}</th>
          ${
            trims
              ? html`<th scope="col">${varied ? "η" : drawn ? "τ̂" : t("threshold")}</th>
                  <th scope="col"><span class="visually-hidden">${t("verdict")}</span></th>`
              : nothing
          }
        </tr>
      </thead>
      <tbody>
        ${values.models.map(({ taskVector, kept, keptValue, lost, threshold, ceiling, density, weight }, index) => {
          const rank = ranks[index];
          const model = set.models[index];
          return html`<tr class=${kept ? "" : "trimmed"}>
            <th scope="row" title=${model?.name ?? ""}>${model ? modelMark(model) : nothing} ${model?.name}</th>
            <td class=${signClass(taskVector)}>${formatSigned(taskVector)}</td>
            <td class="muted" title=${rank ? rankTitle(rank) : ""}>${rank ? formatRank(rank) : "…"}</td>
            ${
              trims
                ? html`<td class="muted" title=${t("density {share} asked", { share: formatShare(density) })}>
                      ${varied ? formatRatio(weight) : drawn ? formatSigned(keptValue) : `${values.estimated ? "≈ " : ""}${rangeText(threshold, ceiling)}`}
                    </td>
                    <td class="verdict">
                      ${kept ? t("kept") : varied ? t("not selected") : drawn ? t("dropped") : t("trimmed")}${lost ? html`<span class="visually-hidden">, ${t("outvoted")}</span>` : nothing}
                    </td>`
                : nothing
            }
          </tr>`;
        })}
      </tbody>
    </table>
    <p class="muted note">
      ${t("Rank: share of this tensor’s entries of that model at least as large, from exact counts.")}
      ${
        varied
          ? t("Selected: the parameters of this tensor that the models differ in most. η: the model’s share in it.")
          : !trims || drawn
            ? nothing
            : set.rules.trimScope === "model"
              ? t("Threshold: one for the whole model.")
              : t("Threshold: one for this tensor.")
      }
    </p>`;
}

/** What the rank says, and how finely the counts can tell. */
function rankTitle({ below, near }: Rank): string {
  return t("larger than {below} of the tensor’s entries; {near} share its bucket of magnitude", {
    below: formatShare(below, 2),
    near: formatShare(near, 2),
  });
}
