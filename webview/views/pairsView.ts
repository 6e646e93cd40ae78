/** Pairs: models × models, below the diagonal the cosine of their task vectors, above it how often their signs disagree. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import { onScale, scaleColor } from "../overview/colorScale";
import { disagreeEnd, disagreeShare, pairOf, scopeStatistics } from "../overview/pairFigures";
import { mapGrid } from "../overview/mapGrid";
import { approximately } from "../state/sampledStatistics";
import type { InspectorState, OpenedSet, ShownModel } from "../state/inspectorState";
import type { InterferenceStatistics, Sampled } from "../../src/protocol/report";
import { layerName } from "../text/kindNames";
import { formatRatio, formatShare, formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { select } from "../ui/controls";
import { tick } from "./mapLegend";
import { modelMark, modelMarkStyles } from "./modelMark";
import { pairsViewStyles } from "./pairsViewStyles";
import { SessionElement } from "./sessionElement";
import { setStyle } from "./setStyle";
import { sharedStyles } from "./sharedStyles";

class PairsView extends SessionElement {
  static override styles = [sharedStyles, modelMarkStyles, pairsViewStyles];

  private layers: { value: string; label: string }[] = [];
  private layersOf: OpenedSet | null = null;

  protected override drawsFrom({ opened, rows, totals, view }: Readonly<InspectorState>): readonly unknown[] {
    return [opened, rows, totals, view.layer];
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const { models } = opened.set;
    const { layer } = session.state.view;
    const statistics = scopeStatistics(session.state, layer);
    return html`<section aria-label=${t("Pairs")}>
      <h2>${t("Pairs")}</h2>
      <p class="muted">
        ${t("Above: share of opposite signs among what both keep · below: cosine of the task vectors")}
      </p>
      ${
        models.length < 2
          ? html`<p class="muted none">${t("There is only one model.")}</p>`
          : html`<div class="tools">
                ${select({
                  label: t("Part of the model that the pairs speak of"),
                  value: layer ?? "",
                  groups: [
                    { label: "", options: [{ value: "", label: t("whole model") }, ...this.layerOptions(opened)] },
                  ],
                  onChange: (value) => session.setView({ layer: value === "" ? null : value }),
                })}
                ${statistics ? nothing : html`<span class="muted">${t("not counted yet")}</span>`}
              </div>
              <div class="scroller" tabindex="0" role="group" aria-label=${t("Pairs")}>
                ${this.renderTable(models, statistics)}
              </div>
              ${this.renderLegend(disagreeEnd(statistics))}`
      }
    </section>`;
  }

  private layerOptions(opened: OpenedSet): { value: string; label: string }[] {
    if (this.layersOf !== opened) {
      this.layersOf = opened;
      this.layers = mapGrid(opened.tensors).rows.flatMap(({ layer, label }) =>
        layer === null ? [] : [{ value: layer, label: layerName(label) }],
      );
    }
    return this.layers;
  }

  private renderTable(
    models: readonly ShownModel[],
    statistics: Sampled<InterferenceStatistics> | null,
  ): TemplateResult {
    return html`<table>
      <caption class="visually-hidden">
        ${t("Above: share of opposite signs among what both keep · below: cosine of the task vectors")}
      </caption>
      <thead>
        <tr>
          <td></td>
          ${models.map((model) => html`<th scope="col" title=${model.name}>${modelMark(model)}<span>${model.name}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${models.map(
          (model, row) =>
            html`<tr>
              <th scope="row" title=${model.name}>${modelMark(model)}<span>${model.name}</span></th>
              ${models.map((_, column) => this.renderCell(models, statistics, row, column))}
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  private renderCell(
    models: readonly { name: string }[],
    statistics: Sampled<InterferenceStatistics> | null,
    row: number,
    column: number,
  ): TemplateResult {
    if (row === column) return html`<td class="self"></td>`;
    if (!statistics) return html`<td class="pending"><span class="visually-hidden">${t("not counted yet")}</span></td>`;
    const pair = pairOf(statistics, row, column);
    const both = [models[row]?.name, models[column]?.name].join(" × ");
    if (row > column) {
      const cosine = pair?.cosine ?? null;
      return html`<td
        class=${cosine === null ? "nothing" : "cosine"}
        title="${both}: ${t("Cosine")} ${formatRatio(cosine, 6)}"
        ${setStyle({
          "--sign": (cosine ?? 0) < 0 ? "var(--ties-negative)" : "var(--ties-positive)",
          "--strength": `${(Math.min(1, Math.abs(cosine ?? 0)) * STRONGEST).toFixed(1)}%`,
        })}
      >
        ${approximately(statistics, formatRatio(cosine, 2))}
      </td>`;
    }
    const share = disagreeShare(pair);
    const counts = t("{disagree} of {both} entries", {
      disagree: formatWhole(pair?.disagree ?? 0),
      both: formatWhole(pair?.bothKept ?? 0),
    });
    return html`<td
      class=${share === null ? "nothing" : "disagree"}
      title="${both}: ${t("Disagree")} ${formatShare(share, 4)} (${counts})"
      ${setStyle(share === null ? {} : scaleColor(onScale(share, disagreeEnd(statistics))))}
    >
      ${approximately(statistics, formatShare(share))}
    </td>`;
  }

  private renderLegend(end: number): TemplateResult {
    return html`<div class="legends">
      <span class="legend">
        <span class="ramp sequential" aria-hidden="true"></span>
        <span class="ticks number"><span>0</span><span>${tick({ unit: "share" }, end)}</span></span>
        ${t("opposite signs")}
      </span>
      <span class="legend">
        <span class="ramp diverging" aria-hidden="true"></span>
        <span class="ticks number"><span>−1</span><span>0</span><span>+1</span></span>
        ${t("cosine")}
      </span>
    </div>`;
  }
}

/** Of the signs' colours in a cell, in percent: its figure must stay readable. */
const STRONGEST = 60;

customElements.define("ties-pairs-view", PairsView);
