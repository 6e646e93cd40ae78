/** One parameter in the paper's four steps. */
import type { PropertyValues, TemplateResult } from "lit";
import { html, nothing } from "lit";
import { electsSigns, isPictured, keepsShare, keepsVaried, type MergeSet } from "../../src/protocol/mergeSet";
import type { MagnitudeCounts } from "../../src/protocol/tiles";
import type { ParameterValues } from "../plot/parameterAt";
import type { TensorScene } from "../plot/scene";
import type { Cell } from "../plot/viewport";
import type { ShownSet, TensorEntry } from "../state/inspectorState";
import type { Explanation, Term } from "../text/explainParameter";
import { explainParameter } from "../text/explainParameter";
import { methodName } from "../text/methodName";
import { formatMagnitude, formatRatio, formatSetting, formatSigned, formatWeight, formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { describeFailure } from "../text/describe";
import { errorBox, errorBoxStyles } from "./errorBox";
import { modelMark, modelMarkStyles } from "./modelMark";
import { parameterPanelStyles } from "./parameterPanelStyles";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";
import { headingOfTaskVectors, renderTaskVectors, signClass } from "./taskVectorTable";

class ParameterPanel extends SessionElement {
  static override properties = {
    ...SessionElement.properties,
    scene: { attribute: false },
    tensor: { attribute: false },
  };
  static override styles = [sharedStyles, modelMarkStyles, errorBoxStyles, parameterPanelStyles];

  declare scene: TensorScene | undefined;
  declare tensor: TensorEntry | undefined;
  private followed: TensorScene | undefined;
  private stopFollowing: (() => void) | undefined;
  private shownCell: Cell | null = null;
  /** Shown until the next ones arrive, so that the panel does not flicker while the pointer moves. */
  private lastValues: ParameterValues | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopFollowing?.();
    this.followed = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has("tensor")) this.lastValues = null;
    if (this.scene === this.followed) return;
    this.stopFollowing?.();
    this.followed = this.scene;
    this.stopFollowing = this.scene?.subscribe(() => this.onSceneChange());
  }

  /** A view that moves leaves the parameter as it is, unless it is another one. */
  private onSceneChange(): void {
    const { scene, shownCell } = this;
    const cell = scene?.active ?? null;
    if (!scene?.resting && cell?.row === shownCell?.row && cell?.column === shownCell?.column) return;
    this.shownCell = cell;
    this.requestUpdate();
  }

  override render(): TemplateResult | typeof nothing {
    const { session, scene } = this;
    const set = session?.pictured?.set;
    if (!session || !scene || !set) return nothing;
    const cell = scene.active;
    if (!cell) {
      this.lastValues = null;
      return html`<section aria-label=${t("One parameter")}>
        <h3>${t("One parameter")}</h3>
        <p class="muted hint">${t("Point at a picture to read a parameter; click to pin it.")}</p>
        <dl class="keys muted">
          <dt>${t("Wheel, + −")}</dt>
          <dd>${t("zoom")}</dd>
          <dt>${t("Drag, Ctrl+arrows")}</dt>
          <dd>${t("pan")}</dd>
          <dt>${t("Arrows")}</dt>
          <dd>${t("move the crosshair")}</dd>
          <dt>${t("Enter, Esc")}</dt>
          <dd>${t("pin, release")}</dd>
          <dt>0</dt>
          <dd>${t("show everything")}</dd>
        </dl>
      </section>`;
    }
    const values = scene.valuesAt(cell);
    if (values) this.lastValues = values;
    const failure = scene.blockFailure;
    const shown = values ?? this.lastValues;
    return html`<section aria-label=${t("One parameter")} aria-busy=${values ? "false" : "true"}>
      <h3>
        ${t("One parameter")}
        <span class="place number">[${formatWhole(cell.row)}, ${formatWhole(cell.column)}]</span>
      </h3>
      <p class="muted hint">
        ${scene.pinned ? t("pinned · arrow keys move · Esc releases") : t("under the pointer · click pins")}
      </p>
      ${
        failure !== null && !values
          ? session.state.report
            ? // Nothing has failed, and trying again would not bring what the file does not hold.
              html`<p class="muted">${describeFailure(failure)}</p>`
            : errorBox(failure, { retry: () => scene.retry(), showLog: () => void session.run("showLog") })
          : shown
            ? html`<div class=${values ? "" : "stale"}>${this.renderSteps(shown, set, scene.magnitudes)}</div>`
            : html`<p class="muted">${t("reading…")}</p>`
      }
    </section>`;
  }

  private renderSteps(values: ParameterValues, set: ShownSet, magnitudes: MagnitudeCounts | null): TemplateResult {
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

customElements.define("ties-parameter-panel", ParameterPanel);
