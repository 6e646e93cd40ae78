/** The model map: layers × kinds of module, coloured by a statistic; a cell opens its tensor. */
import type { PropertyValues, TemplateResult } from "lit";
import { html, nothing } from "lit";
import { marginText, openedTensor, valueText } from "../overview/cellValue";
import { scaleEnd } from "../overview/colorScale";
import type { MapFigures } from "../overview/mapFigures";
import { mapFigures } from "../overview/mapFigures";
import type { MapCell, MapGrid, MapRow } from "../overview/mapGrid";
import { listedTensors } from "../overview/listedTensors";
import { mapGrid } from "../overview/mapGrid";
import type { MapPlace } from "../overview/mapWalk";
import { walk } from "../overview/mapWalk";
import type { InspectorState, OpenedSet, TensorEntry } from "../state/inspectorState";
import type { Session } from "../state/session";
import { statisticsOf } from "../statistics/catalogue";
import type { Statistic } from "../statistics/statistic";
import { formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { shownMethod } from "../text/withoutElection";
import { mapLegend, mapLegendStyles } from "./mapLegend";
import { cellName, mapRow } from "./modelMapCells";
import { modelMapStyles } from "./modelMapStyles";
import { Printing } from "./printing";
import { SessionElement } from "./sessionElement";
import { setStyle } from "./setStyle";
import { sharedStyles } from "./sharedStyles";
import { statisticSelect } from "./statisticSelect";

/** Rows are lower the more there are, so that a usual model is in sight as a whole. */
const MIN_ROW_HEIGHT = 15;
const MAX_ROW_HEIGHT = 28;
/** What stands above and below the rows in the panel. */
const AROUND_ROWS = 325;
const HEAD_HEIGHT = 22;
/** What stands between two cells. */
const COLUMN_GAP = 3;
const OVERSCAN = 6;

class ModelMap extends SessionElement {
  static override properties = { ...SessionElement.properties, cursor: { state: true }, hovered: { state: true } };
  static override styles = [sharedStyles, mapLegendStyles, modelMapStyles];

  declare cursor: MapPlace;
  declare hovered: MapPlace | null;
  private listed: readonly TensorEntry[] | null = null;
  private grid: MapGrid = { columns: [], width: 1, rows: [] };
  private statistics: Statistic[] = [];
  private figures: MapFigures = { values: new Map(), largest: 0, pending: true };
  private drawnFrom: readonly unknown[] = [];
  private readonly printing = new Printing(this);
  private focusCursor = false;
  /** Of one column; as wide as can be until it was measured. */
  private columnWidth = Infinity;
  /** Of what scrolls; as high as the window until it was measured. To ask for it while rendering lays out the page. */
  private view = { top: 0, height: window.innerHeight };
  private readonly resize = new ResizeObserver(() => {
    this.measure();
    this.columnWidth = this.renderRoot.querySelector("[role=columnheader] + *")?.clientWidth ?? Infinity;
    this.requestUpdate();
  });

  constructor() {
    super();
    this.cursor = { row: 0, cell: 0 };
    this.hovered = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resize.disconnect();
  }

  protected override drawsFrom(state: Readonly<InspectorState>): readonly unknown[] {
    const { opened, rows, view } = state;
    return [opened, shownMethod(state), rows, view.statistic, view.fixedScales, view.tensor, view.layer];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const state = this.session?.state;
    if (state?.opened) this.refresh(state, state.opened);
  }

  /** Values of ten thousand tensors are put together again only when rows came or another statistic is chosen. */
  private refresh(state: InspectorState, opened: OpenedSet): void {
    const method = shownMethod(state);
    const from = [opened, method, state.rows, state.view.statistic];
    if (from.every((value, index) => value === this.drawnFrom[index])) return;
    if (opened !== this.drawnFrom[0]) {
      const listed = listedTensors(opened);
      if (listed !== this.listed) this.grid = mapGrid(listed);
      this.listed = listed;
    }
    if (opened !== this.drawnFrom[0] || method !== this.drawnFrom[1]) {
      this.statistics = statisticsOf(opened.set.models, method).filter(
        ({ unit }) => unit !== "cosine" && unit !== "count",
      );
    }
    this.drawnFrom = from;
    const { statistic } = this;
    if (!statistic) return;
    const family = this.statistics.filter((candidate) => candidate.family === statistic.family);
    this.figures = mapFigures(this.grid, family, statistic, state.rows);
  }

  private get statistic(): Statistic | undefined {
    const chosen = this.session?.state.view.statistic;
    return this.statistics.find(({ id }) => id === chosen) ?? this.statistics[0];
  }

  private get rowHeight(): number {
    const fitting = Math.floor((window.innerHeight - AROUND_ROWS) / Math.max(1, this.grid.rows.length));
    return Math.min(Math.max(fitting, MIN_ROW_HEIGHT), MAX_ROW_HEIGHT);
  }

  protected override updated(): void {
    const scroller = this.renderRoot.querySelector(".scroller");
    if (scroller) this.resize.observe(scroller);
    if (!this.focusCursor) return;
    this.focusCursor = false;
    this.renderRoot.querySelector<HTMLElement>(".cursor")?.focus({ preventScroll: true });
  }

  override render(): TemplateResult | typeof nothing {
    const { session, statistic } = this;
    const opened = session?.state.opened;
    if (!session || !opened || !statistic) return nothing;
    if (this.grid.rows.length === 0) return html`<p class="muted">${t("No tensor of this set is merged.")}</p>`;
    const { view } = session.state;
    const fixedEnd = view.fixedScales[statistic.family];
    const { largest, pending } = this.figures;
    const end = fixedEnd ?? scaleEnd(statistic.unit, largest);
    const title = statistic.models.map((index) => opened.set.models[index]?.name ?? "");
    return html`
      <div class="tools">
        <span class="muted">${t("Colour")}</span>
        ${statisticSelect({
          statistics: this.statistics,
          models: opened.set.models,
          chosen: statistic.id,
          onChange: (id) => session.setView({ statistic: id }),
        })}
      </div>
      <div
        class="scroller"
        @scroll=${(): void => {
          this.measure();
          this.requestUpdate();
        }}
      >
        <div
          class="grid"
          role="grid"
          aria-label=${t("Model map: {statistic}", { statistic: [statistic.label, ...title].join(" · ") })}
          aria-rowcount=${this.grid.rows.length + 1}
          aria-colcount=${this.grid.width + 1}
          ${setStyle({ "--columns": String(this.grid.width), "--row": `${this.rowHeight}px` })}
          @keydown=${(event: KeyboardEvent): void => this.onKey(event)}
          @click=${(event: MouseEvent): void => this.onClick(event)}
          @focusin=${(event: FocusEvent): void => this.onFocus(event)}
          @pointerover=${(event: PointerEvent): void => this.onPoint(event)}
          @pointerleave=${(): void => {
            this.hovered = null;
          }}
        >
          ${this.renderHead()}
          <div role="rowgroup" class="rows" ${setStyle({ height: `${this.grid.rows.length * this.rowHeight}px` })}>
            ${this.visibleRows().map((index) => this.renderRow(session, statistic, end, index))}
          </div>
        </div>
      </div>
      <div class="below">
        ${mapLegend({
          statistic,
          end,
          fixed: fixedEnd !== undefined,
          beyond: largest > end,
          pending,
          sampled: [...this.figures.values.values()].some((value) => value.kind === "counted" && value.sampled),
          onFix: (fixed) => this.fixScale(session, statistic, fixed),
        })}
        ${this.renderReadout(session, statistic)}
      </div>
    `;
  }

  private renderHead(): TemplateResult {
    return html`<div role="rowgroup">
      <div role="row" class="head" aria-rowindex="1">
        <span role="columnheader"><span class="visually-hidden">${t("Layer")}</span></span>
        ${this.grid.columns.map((kind) => html`<span role="columnheader" title=${kind}>${kind}</span>`)}
      </div>
    </div>`;
  }

  private renderRow(
    session: Session,
    statistic: Statistic,
    end: number,
    index: number,
  ): TemplateResult | typeof nothing {
    const row = this.grid.rows[index];
    if (!row) return nothing;
    const { tensor, layer } = session.state.view;
    return mapRow({
      row,
      index,
      top: index * this.rowHeight,
      statistic,
      end,
      valueOf: (cell) => this.figures.values.get(cell) ?? { kind: "pending" },
      widthOf: (span) => span * (this.columnWidth + COLUMN_GAP) - COLUMN_GAP,
      cursor: this.cursor,
      chosenTensor: tensor,
      chosenLayer: layer,
    });
  }

  private measure(): void {
    const scroller = this.renderRoot.querySelector(".scroller");
    if (scroller) this.view = { top: scroller.scrollTop, height: scroller.clientHeight };
  }

  private visibleRows(): number[] {
    if (this.printing.isUnderWay) return this.grid.rows.map((_, index) => index);
    const { top, height } = this.view;
    const from = Math.max(0, Math.floor(top / this.rowHeight) - OVERSCAN);
    const to = Math.min(this.grid.rows.length, from + Math.ceil(height / this.rowHeight) + 2 * OVERSCAN);
    const indexes = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
    // What Tab leads to stays in the document.
    return indexes.includes(this.cursor.row) ? indexes : [...indexes, this.cursor.row];
  }

  private renderReadout(session: Session, statistic: Statistic): TemplateResult {
    const place = this.hovered ?? this.cursor;
    const row = this.grid.rows[place.row];
    const cell = row?.cells[place.cell];
    return html`<div class="readout">
      ${row && cell ? this.renderFigures(session, statistic, row, cell) : nothing}
    </div>`;
  }

  private renderFigures(session: Session, statistic: Statistic, row: MapRow, cell: MapCell): TemplateResult {
    const value = this.figures.values.get(cell) ?? { kind: "pending" };
    const opens = openedTensor(statistic, cell.tensors, session.state.rows);
    const model = session.state.opened?.set.models[statistic.models[0] ?? -1]?.name;
    return html`<div class="line">
        <b>${cellName(row, cell)}</b>
        <span class="number"
          ><span class="muted">${[statistic.label, ...(model === undefined ? [] : [model])].join(" · ")}</span> ${
            value.kind === "pending"
              ? t("not counted yet")
              : `${valueText(statistic, value, !value.sampled)} ${marginText(statistic, cell.tensors, session.state.rows)}`
          }</span
        >
        <span class="muted number"
          >${t("{count} parameters", {
            count: formatWhole(cell.tensors.reduce((sum, { elements }) => sum + elements, 0)),
          })}</span
        >
      </div>
      <div class="tensor muted">
        ${opens?.name}${
          cell.tensors.length > 1 ? ` ${t("and {count} more", { count: cell.tensors.length - 1 })}` : nothing
        }
      </div>`;
  }

  private fixScale(session: Session, { family }: Statistic, end: number | null): void {
    const others = Object.entries(session.state.view.fixedScales).filter(([name]) => name !== family);
    session.setView({ fixedScales: Object.fromEntries(end === null ? others : [...others, [family, end]]) });
  }

  private placeOf(event: Event): MapPlace | null {
    const found = (event.target as HTMLElement).closest<HTMLElement>("[data-cell]");
    return found ? { row: Number(found.dataset.row), cell: Number(found.dataset.cell) } : null;
  }

  private onPoint(event: PointerEvent): void {
    const place = this.placeOf(event);
    this.hovered = place && place.cell >= 0 ? place : null;
  }

  private onFocus(event: FocusEvent): void {
    const place = this.placeOf(event);
    if (place) this.cursor = place;
  }

  private onClick(event: MouseEvent): void {
    const place = this.placeOf(event);
    if (place) this.choose(place);
  }

  private choose({ row: at, cell: index }: MapPlace): void {
    const { session, statistic } = this;
    const row = this.grid.rows[at];
    if (!session || !statistic || !row) return;
    const cell = row.cells[index];
    if (cell) session.openTensor(openedTensor(statistic, cell.tensors, session.state.rows) ?? null);
    else if (row.layer !== null) {
      session.setView({ layer: session.state.view.layer === row.layer ? null : row.layer });
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.choose(this.cursor);
    }
    const target = walk(this.grid, this.cursor, event.key, event.ctrlKey || event.metaKey);
    if (!target) return;
    event.preventDefault();
    this.hovered = null;
    this.cursor = target;
    this.focusCursor = true;
    this.reveal(target.row);
    this.requestUpdate();
  }

  private reveal(row: number): void {
    const scroller = this.renderRoot.querySelector(".scroller");
    if (!scroller) return;
    const top = row * this.rowHeight;
    const bottom = top + this.rowHeight + HEAD_HEIGHT;
    if (scroller.scrollTop > top) scroller.scrollTop = top;
    else if (scroller.scrollTop + scroller.clientHeight < bottom) scroller.scrollTop = bottom - scroller.clientHeight;
    this.measure();
  }
}

customElements.define("ties-model-map", ModelMap);
