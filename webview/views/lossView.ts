/** Who wins: for each model the mass that it lost to the election, layer by layer, on one scale. */
import type { PropertyValues, TemplateResult } from "lit";
import { html, nothing, svg } from "lit";
import { roundEnd } from "../overview/colorScale";
import type { LossByLayer } from "../overview/lossByLayer";
import { lossByLayer } from "../overview/lossByLayer";
import { layerName } from "../text/kindNames";
import { formatShare } from "../text/numbers";
import { t } from "../text/translate";
import { lossExplained, lossHeading, shownMethod } from "../text/withoutElection";
import { lossViewStyles } from "./lossViewStyles";
import { tick } from "./mapLegend";
import { modelColor, modelMark, modelMarkStyles } from "./modelMark";
import type { InspectorState, ShownModel } from "../state/inspectorState";
import { approximately } from "../state/sampledStatistics";
import { SessionElement } from "./sessionElement";
import { setStyle } from "./setStyle";
import { sharedStyles } from "./sharedStyles";

/** Share of a layer's width that its bar takes. */
const BAR_WIDTH = 0.78;

class LossView extends SessionElement {
  static override properties = {
    ...SessionElement.properties,
    layer: { state: true },
    asTable: { state: true },
  };
  static override styles = [sharedStyles, modelMarkStyles, lossViewStyles];

  /** Index of the layer under the pointer or the keyboard; −1: the whole model. */
  declare layer: number;
  declare asTable: boolean;
  private loss: LossByLayer = { layers: [], lost: [], largest: 0 };
  private drawnFrom: readonly unknown[] = [];

  constructor() {
    super();
    this.layer = -1;
    this.asTable = false;
  }

  protected override drawsFrom(state: Readonly<InspectorState>): readonly unknown[] {
    const { opened, groups, totals, phase } = state;
    return [opened, groups, totals, phase.kind, shownMethod(state)];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const state = this.session?.state;
    if (!state?.opened) return;
    const from = [state.opened, state.groups];
    if (from.every((value, index) => value === this.drawnFrom[index])) return;
    this.drawnFrom = from;
    this.loss = lossByLayer(state.opened.tensors, state.groups, state.opened.set.models.length);
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const method = shownMethod(session.state);
    const { layers } = this.loss;
    const { models } = opened.set;
    return html`<section aria-label=${t("Who wins")}>
      <h2>${lossHeading(method)}</h2>
      <p class="muted">${lossExplained(method)}</p>
      ${
        layers.length === 0
          ? html`<p class="muted none">${t("The tensors’ names have no layers.")}</p>`
          : html`${this.renderStrips(models)}
              <button
                class="as-table"
                aria-expanded=${this.asTable ? "true" : "false"}
                @click=${(): void => {
                  this.asTable = !this.asTable;
                }}
              >
                ${this.asTable ? t("Hide the table") : t("Show as a table")}
              </button>
              ${this.asTable ? this.renderTable(models) : nothing}`
      }
    </section>`;
  }

  private renderStrips(models: readonly ShownModel[]): TemplateResult {
    const { layers, lost, largest } = this.loss;
    const end = Math.min(1, roundEnd(largest));
    const { totals, phase } = this.session?.state ?? { totals: null, phase: null };
    const at = layers[this.layer];
    const groups = this.session?.state.groups;
    const figure = (model: number): string =>
      approximately(
        at ? groups?.get(at.name) : totals,
        formatShare(at ? lost[model]?.[this.layer] : totals?.models[model]?.lostMass),
      );
    const isSampled = layers.some(({ name }) => groups?.get(name)?.margins !== undefined);
    const place = at ? layerName(at.label) : t("whole model");
    const spoken = models.map(({ name }, model) => `${name} ${figure(model)}`).join(", ");
    return html`<div
      class="strips ${isSampled ? "estimated" : ""} ${models.length > 6 ? "many" : ""}"
      role="slider"
      tabindex="0"
      aria-label=${t("Lost mass by layer")}
      aria-orientation="horizontal"
      aria-valuemin="0"
      aria-valuemax=${layers.length}
      aria-valuenow=${this.layer + 1}
      aria-valuetext=${`${place}: ${spoken}`}
      @keydown=${(event: KeyboardEvent): void => this.onKey(event)}
      @pointermove=${(event: PointerEvent): void => this.onPoint(event)}
      @pointerleave=${(): void => {
        this.layer = -1;
      }}
      ${setStyle({ "--at": String((this.layer + 0.5) / layers.length) })}
    >
      <span class="unit muted number"
        >${largest > 0 || phase?.kind === "exact" ? tick({ unit: "share" }, end) : nothing}</span
      >
      <span class="place">${place}</span>
      ${models.map(
        (shown, model) =>
          html`<span class="model" title=${shown.name}>${modelMark(shown)}<span>${shown.name}</span></span>
            <span class="strip ${lost[model]?.[0] == null ? "pending" : ""} ${at ? "pointed" : ""}"
              >${this.renderBars(lost[model] ?? [], end, shown)}</span
            >
            <span class="figure number">${figure(model)}</span>`,
      )}
      <span class="axis muted number"
        ><span>${layers[0]?.label}</span><span>${t("layer")}</span><span>${layers.at(-1)?.label}</span></span
      >
    </div>`;
  }

  /** One path for all bars: a thousand layers are no more than that. */
  private renderBars(lost: readonly (number | null)[], end: number, model: ShownModel): TemplateResult {
    const bars = lost.flatMap((share, layer) => {
      if (share === null) return [];
      const height = Math.min(1, share / end);
      return [`M${layer + (1 - BAR_WIDTH) / 2} 1v${-height}h${BAR_WIDTH}v${height}z`];
    });
    return html`<svg viewBox="0 0 ${lost.length} 1" preserveAspectRatio="none" aria-hidden="true">
      ${svg`<path d=${bars.join("")} ${setStyle({ fill: modelColor(model) })} />`}
    </svg>`;
  }

  private renderTable(models: readonly ShownModel[]): TemplateResult {
    const { layers, lost } = this.loss;
    return html`<div class="table" tabindex="0" role="group" aria-label=${t("Lost mass by layer")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${t("Layer")}</th>
            ${models.map((model) => html`<th scope="col">${modelMark(model)} ${model.name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${layers.map(
            ({ name }, layer) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${models.map((_, model) => html`<td>${approximately(this.session?.state.groups.get(name), formatShare(lost[model]?.[layer], 2))}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private onKey(event: KeyboardEvent): void {
    const last = this.loss.layers.length - 1;
    const targets: Record<string, number> = {
      ArrowRight: this.layer + 1,
      ArrowUp: this.layer + 1,
      ArrowLeft: this.layer - 1,
      ArrowDown: this.layer - 1,
      PageUp: this.layer + 10,
      PageDown: this.layer - 10,
      Home: 0,
      End: last,
      Escape: -1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.layer = Math.min(Math.max(target, -1), last);
  }

  private onPoint(event: PointerEvent): void {
    const strip = this.renderRoot.querySelector(".strip")?.getBoundingClientRect();
    if (!strip) return;
    const count = this.loss.layers.length;
    const at = Math.floor(((event.clientX - strip.left) / strip.width) * count);
    this.layer = at >= 0 && at < count ? at : -1;
  }
}

customElements.define("ties-loss-view", LossView);
