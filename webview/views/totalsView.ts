/** The whole model in figures: a table when nothing is chosen, a line that unfolds when a tensor is. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { electsSigns, keepsShare, type Method } from "../../src/protocol/mergeSet";
import type { InterferenceStatistics, ModelStatistics, Sampled } from "../../src/protocol/report";
import type { InspectorState, ShownModel } from "../state/inspectorState";
import { approximately, hasMargins } from "../state/sampledStatistics";
import { formatRatio, formatShare, formatWhole, NOTHING } from "../text/numbers";
import { t } from "../text/translate";
import { shownMethod } from "../text/withoutElection";
import { icon } from "../ui/icons";
import { modelMark, modelMarkStyles } from "./modelMark";
import { overlapBar, overlapBarStyles } from "./overlapBar";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

class TotalsView extends SessionElement {
  static override properties = { ...SessionElement.properties, compact: { type: Boolean } };
  static override styles = [
    sharedStyles,
    modelMarkStyles,
    overlapBarStyles,
    css`
      :host {
        display: block;
        container: totals / inline-size;
      }
      :host([compact]) section {
        border-bottom: 1px solid var(--ties-line);
      }
      .summary {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 18px;
        width: 100%;
        padding: 6px 14px 6px 8px;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
      }
      .summary:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .summary .title {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        font-weight: 600;
      }
      .body {
        max-width: 860px;
        overflow-x: auto;
      }
      :host([compact]) .body {
        padding: 2px 16px 12px;
      }
      .note {
        margin: 2px 0 10px;
      }
      table {
        border-collapse: collapse;
        width: 100%;
      }
      th,
      td {
        padding: 3px 10px;
        border-bottom: 1px solid var(--ties-line);
        font-weight: normal;
        text-align: end;
        white-space: nowrap;
      }
      tr > :first-child {
        padding-left: 0;
        text-align: start;
      }
      thead th .mark {
        margin-right: 5px;
      }
      td {
        font-variant-numeric: tabular-nums;
      }
      /* Of all models: seen where the table is wider than its place. */
      td[colspan] {
        text-align: start;
      }
      .hint {
        margin-top: 18px;
      }
      @media print {
        .body {
          overflow: visible;
        }
        .hint {
          display: none;
        }
      }
      @container totals (max-width: 430px) {
        th,
        td {
          padding: 3px 5px;
        }
        tbody th {
          white-space: normal;
        }
      }
    `,
  ];

  declare compact: boolean;

  protected override drawsFrom(state: Readonly<InspectorState>): readonly unknown[] {
    const { opened, totals, phase, view } = state;
    return [opened, totals, phase.kind, view.totalsOpen, shownMethod(state)];
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const { totals, view, phase } = session.state;
    const models = opened.set.models;
    const method = shownMethod(session.state);
    if (!this.compact) {
      return html`<section aria-label=${t("Whole model")}>
        <h2>${t("Whole model")}</h2>
        <p class="note muted">
          ${
            phase.kind === "failed"
              ? t("The statistics could not be computed.")
              : totals?.margins && !hasMargins(totals.margins)
                ? t("Estimated from a sample")
                : totals?.margins
                  ? t("Estimated from a sample: conflict ± {conflict}, agreement ± {agreement} (95 % intervals)", {
                      conflict: formatShare(totals.margins.conflict / totals.elements, 2),
                      agreement: formatRatio(totals.margins.agreement),
                    })
                  : totals
                    ? t("Counted over all {count} parameters of {tensors} tensors", {
                        count: formatWhole(totals.elements),
                        tensors: formatWhole(opened.tensors.length),
                      })
                    : t("Shown once every tensor is computed")
          }
        </p>
        <div class="body" tabindex="0" role="group" aria-label=${t("Whole model")}>
          ${totalsTable(models, totals, method)}
        </div>
        <p class="hint muted">
          ${
            opened.tensors.length > 0
              ? t("Choose a cell of the map, or a line of the table, to see a tensor’s trim masks and elected signs.")
              : t("No tensor of this set is merged.")
          }
        </p>
      </section>`;
    }
    const toggle = (): void => session.setView({ totalsOpen: !view.totalsOpen });
    return html`<section aria-label=${t("Whole model")}>
      <button class="summary number" aria-expanded=${view.totalsOpen ? "true" : "false"} @click=${toggle}>
        <span class="title">${icon(view.totalsOpen ? "chevronDown" : "chevronRight")}${t("Whole model")}</span>
        ${
          totals
            ? html`<span><span class="muted">${t("conflict")}</span> ${conflictText(totals, method)}</span>
                <span
                  ><span class="muted">${t("agreement")}</span>
                  ${approximately(totals, formatRatio(totals.agreement))}</span
                >
                ${normRatioFigure(totals, method)}`
            : html`<span class="muted">${t("computing…")}</span>`
        }
      </button>
      ${view.totalsOpen ? html`<div class="body" tabindex="0" role="group" aria-label=${t("Whole model")}>${totalsTable(models, totals, method)}</div>` : nothing}
    </section>`;
  }
}

/** Share of parameters in conflict, before and after what the method trims. */
export function conflictText(all: Sampled<InterferenceStatistics>, method: Method): string {
  const [before, after] = [all.conflictBefore, all.conflict].map((count) => formatShare(ratio(count, all.elements)));
  return approximately(all, keepsShare(method) ? `${before} → ${after}` : (after ?? ""));
}

/** What an election merges beside plain averaging; of a method that holds none it says nothing. */
export const normRatioFigure = (
  all: Sampled<InterferenceStatistics>,
  method: Method,
): TemplateResult | typeof nothing =>
  electsSigns(method)
    ? html`<span><span class="muted">${t("‖τ_m‖ ÷ ‖average‖")}</span> ${normRatio(all)}</span>`
    : nothing;

const normRatio = (all: Sampled<InterferenceStatistics>): string =>
  approximately(all, formatRatio(ratio(all.mergedNorm, all.meanNorm), 2));

function totalsTable(
  models: readonly ShownModel[],
  totals: Sampled<InterferenceStatistics> | null,
  method: Method,
): TemplateResult {
  const about = (text: string): string => approximately(totals, text);
  const perModel = (label: string, of: (model: ModelStatistics) => string, all: string): TemplateResult =>
    html`<tr>
      <th scope="row">${label}</th>
      ${models.map((_, index) => html`<td>${totals?.models[index] ? about(of(totals.models[index])) : NOTHING}</td>`)}
      <td>${about(all)}</td>
    </tr>`;
  const overall = (label: string, content: TemplateResult | string): TemplateResult =>
    html`<tr>
      <th scope="row">${label}</th>
      <td colspan=${models.length + 1}>${content}</td>
    </tr>`;
  const elements = totals?.elements ?? 0;
  const trims = keepsShare(method);
  const numbers = [0, ...models.map((_, index) => index + 1)].join(" · ");
  const keptByAny = totals ? formatShare(ratio(elements - (totals.overlap[0] ?? 0), elements)) : NOTHING;
  return html`<table>
    <thead>
      <tr>
        <td></td>
        ${models.map((model) => html`<th scope="col">${modelMark(model)}${model.name}</th>`)}
        <th scope="col" class="muted">${t("all")}</th>
      </tr>
    </thead>
    <tbody>
      ${perModel(trims ? t("kept") : t("changed"), ({ kept }) => formatShare(ratio(kept, elements)), keptByAny)}
      ${trims ? perModel("‖τ̂‖ / ‖τ‖", ({ keptNorm, norm }) => formatRatio(ratio(keptNorm, norm), 2), NOTHING) : nothing}
      ${perModel(t("lost mass"), ({ lostMass }) => formatShare(lostMass), NOTHING)}
      ${overall(
        trims ? t("kept by exactly {numbers}", { numbers }) : t("changed by exactly {numbers}", { numbers }),
        totals ? overlapBar(totals) : NOTHING,
      )}
      ${overall(trims ? t("conflict (before → after trim)") : t("conflict"), totals ? conflictText(totals, method) : NOTHING)}
      ${overall(t("agreement"), about(formatRatio(totals?.agreement)))}
      ${electsSigns(method) ? overall(t("‖τ_m‖ ÷ ‖average‖"), totals ? normRatio(totals) : NOTHING) : nothing}
      ${
        totals && totals.nonFinite > 0
          ? overall(t("NaN or ±Inf, took the base’s value"), formatWhole(totals.nonFinite))
          : nothing
      }
    </tbody>
  </table>`;
}

customElements.define("ties-totals", TotalsView);
