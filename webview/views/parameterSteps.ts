/** How one parameter came about, step by step, written out. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import { electsSigns, isPictured, keepsShare, keepsVaried, type MergeSet } from "../../src/protocol/mergeSet";
import type { MagnitudeCounts } from "../../src/protocol/tiles";
import type { ParameterValues } from "../plot/parameterAt";
import type { ShownSet } from "../state/inspectorState";
import type { Explanation, Term } from "../text/explainParameter";
import { explainParameter } from "../text/explainParameter";
import { methodName } from "../text/methodName";
import { formatMagnitude, formatRatio, formatSetting, formatSigned, formatWeight } from "../text/numbers";
import { t } from "../text/translate";
import { modelMark } from "./modelMark";
import { headingOfTaskVectors, renderTaskVectors, signClass } from "./taskVectorTable";

/** @param magnitudes for ranks; null while they are not there. */
export function renderSteps(
  values: ParameterValues,
  set: ShownSet,
  magnitudes: MagnitudeCounts | null,
): TemplateResult {
  const explanation = explainParameter(values, set);
  const elects = electsSigns(set.method);
  const keeps = keepsShare(set.method);
  return html`
    <dl class="line">
      <dt>${t("θ₀ (base)")}</dt>
      <dd class="number">${set.base === null ? "–" : formatWeight(values.base)}</dd>
    </dl>
    <h4>${headingOfTaskVectors(set)}</h4>
    ${renderTaskVectors(values, set, keeps, magnitudes)} ${renderScalings(values, set)}
    ${
      elects
        ? html`
            <h4>${t("2 · Elect")}</h4>
            ${renderElection(explanation, set)}
            <h4>${t("3 · Disjoint merge")}</h4>
            ${renderMerge(explanation, values, set)}
            <h4>${t("4 · Scale")}</h4>
            ${renderScale(explanation, values)}
          `
        : html`
            <h4>${isPictured(set.method) ? t("Merged") : t("Mean of the models")}</h4>
            ${
              isPictured(set.method)
                ? renderSum(explanation, values, set)
                : html`<p class="muted">
                      ${t("{method} weighs with statistics that are not read here; its own value may be another.", { method: methodName(set) })}
                    </p>
                    <p class="number">θ = <b>${formatWeight(values.result)}</b></p>`
            }
          `
    }
    ${
      set.method === "linear" || !isPictured(set.method)
        ? nothing
        : html`<h4>${t("Instead")}</h4>
            <dl class="line">
              <dt>${t("averaging")}</dt>
              <dd class="number">
                <span class=${signClass(explanation.averageMove)}>${formatSigned(explanation.averageMove)}</span>
                <span class="result-column">${formatWeight(explanation.average)}</span>
              </dd>
            </dl>`
    }
  `;
}

/** Adapters merged by their factors as PEFT does: the weight that is applied is not the one that was asked for. */
function renderScalings(values: ParameterValues, set: ShownSet): TemplateResult | typeof nothing {
  // Without a base only adapters can be inspected. What methods other than TIES weigh may be shares of 1.
  if (set.base !== null || set.compat !== "peft") return nothing;
  const asked = set.models.map(({ weight }) => weight);
  const sum = set.method !== "ties" && set.normalize ? asked.reduce((all, weight) => all + weight, 0) : 1;
  const weights = values.models.map(({ weight }) => weight);
  if (weights.every((weight, index) => weight === (asked[index] ?? 1) / sum)) return nothing;
  const names = weights.map((weight, index) => `${set.models[index]?.name ?? ""} ${formatRatio(weight)}`);
  return html`<p class="muted note">
    ${t("Weights are √(weight · scaling), as PEFT multiplies an adapter’s factors: {weights}.", { weights: names.join(", ") })}
  </p>`;
}

function renderScale({ scaled, unrounded }: Explanation, values: ParameterValues): TemplateResult {
  return html`
    <p class="number">
      λ·τ_m = ${formatSetting(values.lambda)} · ${formatSigned(values.merged)} = ${formatSigned(scaled)}
    </p>
    <p class="number">
      θ = θ₀ + λ·τ_m = ${formatWeight(unrounded)} → <span class="muted">${values.outDtype}</span>
      <b class="result">${formatWeight(values.result)}</b>
    </p>
  `;
}

/** Averaging and task arithmetic: one weighted sum. */
function renderSum({ weightedSum, weightTotal }: Explanation, values: ParameterValues, set: MergeSet): TemplateResult {
  const terms = values.models.map(({ weight, keptValue }, model) => ({ model, weight, taskVector: keptValue }));
  const divided = values.normalize ? html` / ${formatRatio(weightTotal, Number.isInteger(weightTotal) ? 0 : 2)}` : "";
  return html`
    ${
      set.method === "linear"
        ? nothing
        : html`<p class="number sum">
            ${values.normalize ? "Σ w·τ / Σ w" : "Σ w·τ"} =
            ${values.normalize ? "(" : ""}${sumOf(terms)}${values.normalize ? ")" : ""}${divided} =
            <b>${formatSigned(weightedSum / weightTotal)}</b>
          </p>`
    }
    <p class="number">
      ${
        set.method === "linear"
          ? `θ = ${values.normalize ? "Σ w·θ / Σ w" : "Σ w·θ"}`
          : html`θ = θ₀ + ${formatSetting(values.lambda)} · ${formatSigned(values.merged)}`
      }
      → <span class="muted">${values.outDtype}</span> <b class="result">${formatWeight(values.result)}</b>
    </p>
  `;
}

function renderElection(explanation: Explanation, set: MergeSet): TemplateResult {
  const { kept, electionTerms, electionSum, elected, positive, negative, conflict, cancelled } = explanation;
  if (kept.length === 0) return html`<p class="muted">${t("Nobody keeps this parameter.")}</p>`;
  const byMass = set.rules.signConsensus === "mass";
  const votesFor = elected > 0 ? positive : negative;
  return html`
    <p class="number sum">
      ${
        byMass
          ? html`Σ τ̂ = ${sumOf(electionTerms)} = <b>${formatSigned(electionSum)}</b>`
          : html`Σ sgn τ̂ = <b>${electionSum > 0 ? "+" : electionSum < 0 ? "−" : ""}${Math.abs(electionSum)}</b>`
      }
    </p>
    ${
      cancelled
        ? html`<p class="muted">
            ${
              set.rules.zeroSign === "majority"
                ? t("The sum is 0: the sign of the model’s majority is taken.")
                : t("The sum is 0: + is taken.")
            }
          </p>`
        : nothing
    }
    <p>
      γ = <b class=${signClass(elected)}>${elected > 0 ? "+" : elected < 0 ? "−" : "0"}</b>
      <span class="muted">
        ${t("{for} for, {against} against", { for: votesFor, against: positive + negative - votesFor })}${
          conflict ? html`: <span class="conflict">${t("conflict")}</span>` : nothing
        }
      </span>
    </p>
  `;
}

function renderMerge(explanation: Explanation, values: ParameterValues, set: ShownSet): TemplateResult {
  const { agreeing, outvoted, divisor } = explanation;
  const name = ({ model }: Term): string => set.models[model]?.name ?? "";
  const marked = ({ model }: Term): TemplateResult | typeof nothing => {
    const shown = set.models[model];
    return shown ? html`${modelMark(shown)} ${shown.name}` : nothing;
  };
  if (agreeing.length === 0) return html`<p class="number">τ_m = 0</p>`;
  const sum = html`${sumOf(agreeing)}`;
  const bracketed = agreeing.length > 1 ? html`(${sum})` : sum;
  return html`
    <p>
      ${set.rules.merge === "sum" ? t("sum of those that agree:") : t("mean of those that agree:")}
      ${agreeing.map((term, index) => html`${index > 0 ? ", " : ""}${marked(term)}`)}
    </p>
    <p class="number sum">
      τ_m =
      ${divisor === 1 ? sum : html`${bracketed} / ${keepsVaried(set.method) ? formatSetting(divisor) : formatRatio(divisor, Number.isInteger(divisor) ? 0 : 2)}`}
      =
      <b>${formatSigned(values.merged)}</b>
    </p>
    ${outvoted.map(
      (term) =>
        html`<p class="outvoted">
          ${t("{model} is outvoted: {value} is lost", { model: name(term), value: formatSigned(term.taskVector) })}
        </p>`,
    )}
  `;
}

/** +2.44e−3 − 1.10e−3 + 0.8 · 1.53e−3 */
function sumOf(terms: readonly Term[]): string {
  return terms
    .map(({ weight, taskVector }, index) => {
      const negative = weight * taskVector < 0;
      const sign = index === 0 ? (negative ? "−" : "+") : negative ? " − " : " + ";
      const factor = Math.abs(weight) === 1 ? "" : `${formatSetting(Math.abs(weight))} · `;
      return `${sign}${factor}${formatMagnitude(Math.abs(taskVector))}`;
    })
    .join("");
}
