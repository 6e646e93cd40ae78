/** Models and settings of a report in a file: figures are there for these alone, so that nothing can be changed. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import type { Method } from "../../src/protocol/mergeSet";
import {
  dropsOutliers,
  electsSigns,
  keepsRandom,
  keepsShare,
  keepsVaried,
  takesDensity,
  usesTaskVectors,
} from "../../src/protocol/mergeSet";
import type { InterferenceStatistics } from "../../src/protocol/report";
import type { OpenedSet, ShownModel, ShownSet } from "../state/inspectorState";
import { methodName } from "../text/methodName";
import { formatSetting, formatShare } from "../text/numbers";
import { t } from "../text/translate";
import { baseItself, modelTitle } from "./baseItself";
import { withLeftOut } from "./leftOutChips";
import { modelMark } from "./modelMark";
import { field } from "./settingField";

/** So many chips may scroll, so that the keyboard must reach them. */
export const SCROLLING_MODELS = 4;

/** What is said of each model beside its name. @param isWeighed where weights are said of all. */
export function headingOfModels(method: Method, isWeighed = false): string {
  if (isWeighed) return takesDensity(method) ? t("Models: weight, density asked → kept") : t("Models: weight");
  if (!keepsShare(method)) return t("Models");
  return keepsVaried(method) ? t("Models: select_topk asked → kept") : t("Models: density asked → kept");
}

/** One field a setting, as items of a description list. */
export function fixedSettings(opened: OpenedSet, totals: InterferenceStatistics | null): TemplateResult {
  const { set } = opened;
  const { method, compat, rules, lambda, models } = set;
  const chips = withLeftOut(
    opened,
    models.map((model, index) => modelChip(model, index, set, totals)),
  );
  return html`
    <div class="field models">
      <dt>${headingOfModels(method)}</dt>
      <dd tabindex=${chips.length > SCROLLING_MODELS ? "0" : nothing}>${chips}</dd>
    </div>
    ${field(t("Method"), html`<span>${electsSigns(method) ? `${methodName(set)} · ${compat}` : methodName(set)}</span>`)}
    ${
      !usesTaskVectors(method)
        ? nothing
        : field(
            "λ",
            set.slices
              ? html`<span class="muted">${t("by layer")}</span>`
              : html`<span class="number">${formatSetting(lambda)}</span>`,
          )
    }
    ${
      method === "ties"
        ? field(
            t("Trim scope"),
            html`<span
              title=${
                rules.trimScope === "model"
                  ? t("One threshold per model over its whole task vector")
                  : t("One threshold per model and tensor")
              }
              >${rules.trimScope === "model" ? t("model") : t("tensor")}</span
            >`,
          )
        : nothing
    }
    ${set.t === undefined ? nothing : field("t", html`<span class="number">${formatSetting(set.t)}</span>`)}
    ${set.epsilon === undefined ? nothing : field("ε", html`<span class="number">${formatSetting(set.epsilon)}</span>`)}
    ${keepsRandom(method) ? field(t("Seed"), html`<span class="number">${set.seed}</span>`) : nothing}
    ${
      dropsOutliers(method)
        ? field(
            "γ",
            html`<span class="number" title=${t("Share of the largest entries that is dropped")}>${set.gamma}</span>`,
          )
        : nothing
    }
  `;
}

function modelChip(
  model: ShownModel,
  index: number,
  set: ShownSet,
  totals: InterferenceStatistics | null,
): TemplateResult {
  const kept = totals?.models[index]?.kept;
  // A weight is said where the models have different ones, or the method is all about them.
  const weighted =
    (!electsSigns(set.method) && set.method !== "regmean") || set.models.some(({ weight }) => weight !== 1);
  const came = kept === undefined || !totals ? "…" : formatShare(kept / totals.elements);
  const figures = html`
    ${weighted ? html`<span title=${t("weight")}>×${formatSetting(model.weight)}</span>` : nothing}
    ${keepsShare(set.method) ? html`${formatSetting(model.density)} → <span class="came">${came}</span>` : nothing}
  `;
  return html`<span class="chip" title=${modelTitle(model, set)}>
    ${modelMark(model)}<b>${model.name}</b>${baseItself(model, set)}
    <span class="muted number">${set.slices ? t("by layer") : figures}</span>
  </span>`;
}
