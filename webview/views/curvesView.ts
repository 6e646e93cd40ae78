/** Curves: what density and the number of models do to the whole model, or to one layer. All of it from the sample. */
import type { PropertyValues, TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { CHARTS, chartsOf } from "../curves/charts";
import type { Chart } from "../curves/chart";
import { chartSvg } from "../curves/chart";
import { chartFigure } from "../export/chartFigure";
import { layerLabels } from "../overview/layerLabels";
import { scopeStatistics } from "../overview/pairFigures";
import { settingsOf } from "../../src/protocol/settings";
import { areCurvesCurrent } from "../state/curvesLoader";
import type { InspectorState, OpenedSet } from "../state/inspectorState";
import type { Session } from "../state/session";
import { layerName } from "../text/kindNames";
import { t } from "../text/translate";
import { errorBox, errorBoxStyles } from "./errorBox";
import { modelColor } from "./modelMark";
import { SessionElement } from "./sessionElement";
import { setStyle } from "./setStyle";
import { sharedStyles } from "./sharedStyles";

const placeOf = (layer: string | null): string =>
  layer === null ? t("whole model") : layerName(layerLabels([layer]).get(layer) ?? "");

class CurvesView extends SessionElement {
  static override properties = { ...SessionElement.properties, asTable: { state: true } };
  static override styles = [
    sharedStyles,
    errorBoxStyles,
    css`
      :host {
        display: block;
        container: curves / inline-size;
      }
      .charts {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 16px 24px;
        margin-top: 8px;
      }
      @container curves (min-width: 660px) {
        .charts {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        }
      }
      @container curves (min-width: 1240px) {
        .charts {
          grid-template-columns: repeat(4, minmax(0, 1fr));
        }
      }
      /* Words of different length, and the plots of a line begin at one height. */
      .charts > div {
        display: grid;
        grid-row: span 4;
        grid-template-rows: subgrid;
        row-gap: 0;
      }
      /* Its text grows with it: at most to that of the page. */
      .chart {
        display: block;
        width: 100%;
        max-width: 420px;
        font-size: 11px;
      }
      .frame {
        fill: none;
        stroke: var(--ties-line);
      }
      .grid {
        stroke: var(--ties-track);
      }
      .tick,
      .label {
        fill: var(--ties-muted);
        font-variant-numeric: tabular-nums;
      }
      .curve {
        fill: none;
        stroke-width: 1.8;
      }
      .band {
        opacity: 0.25;
      }
      .now {
        stroke: var(--vscode-foreground);
        stroke-dasharray: 2 3;
      }
      .mark-now {
        stroke: var(--vscode-editor-background);
        stroke-width: 1;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
        font-size: 0.92em;
      }
      .legend span {
        display: inline-flex;
        align-items: center;
        gap: 5px;
      }
      .legend svg {
        width: 24px;
        height: 8px;
      }
      .stale {
        opacity: 0.6;
      }
      .as-table {
        margin-top: 8px;
        padding: 0;
        border: 0;
        background: none;
        color: var(--vscode-textLink-foreground);
        font: inherit;
        cursor: pointer;
      }
      .table {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-start;
        gap: 8px 40px;
        max-height: 320px;
        overflow: auto;
      }
      table {
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }
      caption {
        padding: 8px 0 2px;
        font-weight: 600;
        text-align: start;
        white-space: nowrap;
      }
      th,
      td {
        padding: 2px 10px;
        border-bottom: 1px solid var(--ties-line);
        font-weight: normal;
        text-align: end;
        white-space: nowrap;
      }
    `,
  ];

  declare asTable: boolean;
  /** Drawn last. */
  private drawn: readonly Chart[] = [];
  private readonly stopOffering: (() => void)[] = [];

  constructor() {
    super();
    this.asTable = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stopOffering.splice(0)) stop();
  }

  /** Drawn again when the figures of other settings are there, not when these are asked for. */
  protected override drawsFrom(state: Readonly<InspectorState>): readonly unknown[] {
    const { opened, sample, rows, totals, curves, curvesFailure, changedFiles, view } = state;
    return [opened, sample, view.layer === null ? totals : rows, curves, curvesFailure, changedFiles, view.layer];
  }

  /** Asks for curves of what is shown now, once the sample is there. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const { session } = this;
    if (!session) return;
    if (this.stopOffering.length === 0) this.offerPictures(session);
    if (session.state.sample.kind === "ready") session.wantCurves();
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened || opened.tensors.length === 0) return nothing;
    const { curvesFailure, changedFiles, view } = session.state;
    const place = placeOf(view.layer);
    const charts = this.charts(session, opened);
    this.drawn = curvesFailure ? [] : charts;
    return html`<section aria-label=${t("Curves")}>
      <h2>${t("What density and more models do")}</h2>
      <p class="muted">${t("≈ From the sample, {place}. Dotted: the current setting.", { place })}</p>
      ${
        // While files change, that is said once, above.
        curvesFailure && changedFiles.length === 0
          ? errorBox(curvesFailure, {
              retry: () => session.wantCurves(true),
              showLog: () => void session.run("showLog"),
            })
          : charts.length === 0
            ? html`<p class="muted">${t("not counted yet")}</p>`
            : html`<div class="charts ${areCurvesCurrent(session.state) ? "" : "stale"}">${charts.map(figure)}</div>
                <button
                  class="as-table"
                  aria-expanded=${this.asTable ? "true" : "false"}
                  @click=${(): void => {
                    this.asTable = !this.asTable;
                  }}
                >
                  ${this.asTable ? t("Hide the table") : t("Show as a table")}
                </button>
                ${
                  this.asTable
                    ? html`<div class="table" tabindex="0" role="group" aria-label=${t("Curves")}>
                        ${charts.map(table)}
                      </div>`
                    : nothing
                }`
      }
    </section>`;
  }

  /** Each chart can be saved while it is shown. */
  private offerPictures(session: Session): void {
    for (let at = 0; at < CHARTS; at++) {
      const offer = {
        label: () => this.drawn[at]?.title ?? null,
        draw: () => {
          const { opened, view } = session.state;
          const chart = this.drawn[at];
          const source = this.renderRoot.querySelectorAll<SVGSVGElement>("svg.chart")[at];
          return opened && chart && source
            ? chartFigure(chart, source, placeOf(view.layer), opened, view.settings)
            : null;
        },
      };
      this.stopOffering.push(session.pictures.offer(offer));
    }
  }

  private charts(session: Session, opened: OpenedSet): Chart[] {
    const { state } = session;
    if (!state.curves) return [];
    const { curves, members } = state.curves;
    const settings = state.view.settings ?? settingsOf(opened.set);
    const slices = state.view.settings === null ? (opened.set.slices ?? []) : [];
    const densityOf = (index: number): number | null => {
      const all = slices.map(({ models }) => models[index]?.density);
      const [density] = all.length > 0 ? all : [settings.models[index]?.density];
      return typeof density === "number" && all.every((other) => other === density) ? density : null;
    };
    const models = members.flatMap((index) => {
      const model = opened.set.models[index];
      return model ? [{ ...model, density: densityOf(index), color: modelColor(model) }] : [];
    });
    const here = scopeStatistics(state, state.view.layer);
    const conflict = here && here.elements > 0 ? here.conflict / here.elements : null;
    return chartsOf({ curves, method: settings.method, models, conflict });
  }
}

function figure(chart: Chart): TemplateResult {
  return html`<div>
    <h3>${chart.title}</h3>
    <p class="muted">${chart.subtitle}</p>
    ${chartSvg(chart)}
    <div class="legend" aria-hidden="true">
      ${chart.series.map(
        ({ name, color, dash }) =>
          html`<span
            ><svg viewBox="0 0 24 8">
              <path class="curve" d="M0 4H24" stroke-dasharray=${dash} ${setStyle({ stroke: color })}></path></svg
            >${name}</span
          >`,
      )}
    </div>
  </div>`;
}

/** The same numbers, with the least and the most where there is a band. */
function table(chart: Chart): TemplateResult {
  const xs = chart.series[0]?.points.map(({ x }) => x) ?? [];
  return html`<table>
    <caption>
      ${chart.title}
    </caption>
    <thead>
      <tr>
        <th scope="col">${chart.xLabel}</th>
        ${chart.series.map(({ name }) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${xs.map(
        (x, at) =>
          html`<tr>
            <th scope="row">${chart.formatX(x)}</th>
            ${chart.series.map(({ points, band }) => {
              const [y, spread] = [points[at]?.y ?? 0, band?.[at]];
              return html`<td>
                ≈
                ${chart.formatY(y)}${
                  spread && spread.most > spread.least
                    ? ` (${chart.formatY(spread.least)} … ${chart.formatY(spread.most)})`
                    : nothing
                }
              </td>`;
            })}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

customElements.define("ties-curves", CurvesView);
