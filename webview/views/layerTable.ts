/** The table of layers and tensors: filter, grouping, sorting, and as many rows as are in sight. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { PropertyValues, TemplateResult } from "lit";
import { html, nothing } from "lit";
import { listedTensors } from "../overview/listedTensors";
import type { InspectorState, OpenedSet } from "../state/inspectorState";
import type { Session } from "../state/session";
import type { ViewState } from "../state/viewState";
import type { Column } from "../table/columns";
import { largestValues } from "../table/barScale";
import { DEFAULT_FAMILIES, tableColumns } from "../table/columns";
import { parseFilter } from "../table/filter";
import type { TableRow } from "../table/rows";
import { tableRows } from "../table/rows";
import { tabSeparated } from "../table/tabSeparated";
import { formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { shownMethod } from "../text/withoutElection";
import { checkbox, iconButton, textField } from "../ui/controls";
import "./columnPicker";
import { columnTracks, figureCell, heading, nameCell } from "./layerTableCells";
import { layerTableStyles } from "./layerTableStyles";
import { modelMarkStyles } from "./modelMark";
import { isReportReady } from "./exportMenu";
import { SessionElement } from "./sessionElement";
import { setStyle } from "./setStyle";
import { sharedStyles } from "./sharedStyles";

const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 40;
const PAGE_ROWS = 12;
const NOTICE_MS = 4000;

class LayerTable extends SessionElement {
  static override properties = { ...SessionElement.properties, activeIndex: { state: true }, notice: { state: true } };
  static override styles = [sharedStyles, modelMarkStyles, layerTableStyles];

  /** Row that the keyboard is on. */
  declare activeIndex: number;
  /** What copying came to. */
  declare notice: string;
  private allColumns: Column[] = [];
  private columns: Column[] = [];
  private unknown: string[] = [];
  private rows: TableRow[] = [];
  private largest: ReadonlyMap<string, number> = new Map();
  private drawnFrom: readonly unknown[] = [];
  private virtualizer: Virtualizer<HTMLElement, HTMLElement> | undefined;
  private stopVirtualizer: (() => void) | undefined;

  constructor() {
    super();
    this.activeIndex = -1;
    this.notice = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopVirtualizer?.();
    this.virtualizer = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const state = this.session?.state;
    if (state?.opened) this.refreshRows(state, state.opened);
  }

  /** Sorting ten thousand rows takes milliseconds: only when something that it reads has changed. */
  private refreshRows(state: InspectorState, opened: NonNullable<InspectorState["opened"]>): void {
    const { filter, columns, grouped, expanded, sort } = state.view;
    const method = shownMethod(state);
    const from = [opened, method, state.rows, state.groups, filter, columns, grouped, expanded, sort];
    if (from.every((value, index) => value === this.drawnFrom[index])) return;
    if (opened !== this.drawnFrom[0] || method !== this.drawnFrom[1]) {
      this.allColumns = tableColumns(opened.set.models, method);
    }
    const shown = new Set(["name", ...(columns ?? DEFAULT_FAMILIES)]);
    this.columns = this.allColumns.filter(({ family }) => shown.has(family));
    const parsed = parseFilter(filter, this.allColumns, opened.set.models);
    this.unknown = parsed.unknown;
    const active = this.rows[this.activeIndex];
    this.drawnFrom = from;
    this.rows = tableRows(
      { tensors: listedTensors(opened), rows: state.rows, groups: state.groups, columns: this.allColumns },
      { filter: filter.trim() === "" ? null : parsed, grouped, expanded: new Set(expanded), sort },
    );
    this.largest = largestValues(this.columns, this.rows);
    this.activeIndex = active ? this.rows.findIndex((row) => row.kind === active.kind && row.name === active.name) : -1;
  }

  protected override updated(): void {
    const scroller = this.renderRoot.querySelector<HTMLElement>(".scroller");
    if (!scroller) return;
    const options = {
      count: this.rows.length,
      getScrollElement: () => scroller,
      estimateSize: () => ROW_HEIGHT,
      scrollMargin: HEAD_HEIGHT,
      scrollPaddingStart: HEAD_HEIGHT,
      overscan: 8,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.requestUpdate(),
    };
    if (this.virtualizer) {
      const before = this.virtualizer.options.count;
      this.virtualizer.setOptions(options);
      this.virtualizer._willUpdate();
      if (before !== this.rows.length) this.requestUpdate();
      return;
    }
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(options);
    this.stopVirtualizer = this.virtualizer._didMount();
    this.virtualizer._willUpdate();
    this.requestUpdate();
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const { view } = session.state;
    const shown = this.rows.filter((row) => row.kind === "tensor").length;
    const { template, width } = columnTracks(this.columns);
    return html`
      ${this.renderTools(session, opened, shown)}
      <div class="scroller">
        <div
          class="grid"
          role="treegrid"
          tabindex="0"
          aria-label=${t("Layers and their statistics")}
          aria-rowcount=${this.rows.length + 1}
          aria-colcount=${this.columns.length}
          aria-activedescendant=${this.rows[this.activeIndex] ? `row-${this.activeIndex}` : nothing}
          @keydown=${(event: KeyboardEvent): void => this.onKey(event)}
          @copy=${(event: ClipboardEvent): void => this.onCopy(event)}
          ${setStyle({ "--template": template, "min-width": width })}
        >
          <div role="rowgroup" class="head">
            <div role="row" class="row" aria-rowindex="1">
              ${this.columns.map((column) => heading(column, view.sort, opened.set.models, () => this.sortBy(column)))}
            </div>
          </div>
          <div role="rowgroup" class="rows" ${setStyle({ height: `${this.rows.length * ROW_HEIGHT}px` })}>
            ${this.visibleIndexes().map((index) => this.renderRow(index, view))}
          </div>
        </div>
        ${
          this.rows.length === 0
            ? html`<p class="empty muted">
                ${opened.tensors.length === 0 ? t("No tensor of this set is merged.") : t("No tensor matches the filter.")}
              </p>`
            : nothing
        }
      </div>
    `;
  }

  private renderTools(session: Session, opened: OpenedSet, shown: number): TemplateResult {
    const { view } = session.state;
    const notice =
      this.unknown.length > 0 ? t("No statistic is called {names}.", { names: this.unknown.join(", ") }) : this.notice;
    return html`<div class="tools">
      ${textField({
        label: t("Filter by name or value"),
        placeholder: t("Filter: mlp conflict > 5%"),
        value: view.filter,
        onInput: (filter) => session.setView({ filter }),
      })}
      ${checkbox({
        label: t("Group by layer"),
        checked: view.grouped,
        onChange: (grouped) => session.setView({ grouped }),
      })}
      <span class="muted number count"
        >${
          view.filter
            ? t("{shown} of {count} tensors", { shown, count: formatWhole(opened.tensors.length) })
            : t("{count} tensors", { count: formatWhole(opened.tensors.length) })
        }</span
      >
      <ties-column-picker .session=${session}></ties-column-picker>
      ${iconButton({ icon: "copy", label: t("Copy as tab-separated values"), onClick: () => void this.copy() })}
      ${iconButton({
        icon: "download",
        label: t("Save all tensors as CSV"),
        disabled: !isReportReady(session.state),
        onClick: () => void session.exportReport("csv"),
      })}
      <span class="notice ${notice === "" ? "visually-hidden" : ""}" role="status">${notice}</span>
    </div>`;
  }

  /** The lines that are shown, all of them, with the shown columns. */
  private text(): string {
    return tabSeparated(this.columns, this.rows, this.session?.state.opened?.set.models ?? []);
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text());
      this.notice = t("{count} lines copied", { count: formatWhole(this.rows.length) });
    } catch {
      this.notice = t("Copying was not allowed. Press Ctrl+C in the table instead.");
    }
    setTimeout(() => (this.notice = ""), NOTICE_MS);
  }

  /** Ctrl+C in the table copies it, unless some text is selected. */
  private onCopy(event: ClipboardEvent): void {
    if (getSelection()?.toString() || !event.clipboardData) return;
    event.clipboardData.setData("text/plain", this.text());
    event.preventDefault();
  }

  private visibleIndexes(): number[] {
    const items = this.virtualizer?.getVirtualItems() ?? [];
    const indexes = items.map(({ index }) => index).filter((index) => index < this.rows.length);
    // The row that the keyboard is on stays in the document: aria-activedescendant names it.
    if (this.rows[this.activeIndex] && !indexes.includes(this.activeIndex)) indexes.push(this.activeIndex);
    return indexes;
  }

  private renderRow(index: number, view: ViewState): TemplateResult | typeof nothing {
    const row = this.rows[index];
    if (!row) return nothing;
    const selected = row.kind === "tensor" && row.name === view.tensor;
    const models = this.session?.state.opened?.set.models ?? [];
    return html`<div
      role="row"
      id="row-${index}"
      data-tensor=${row.kind === "tensor" ? row.name : nothing}
      class="row ${row.kind} ${selected ? "selected" : ""} ${index === this.activeIndex ? "active" : ""}"
      aria-rowindex=${index + 2}
      aria-level=${row.level}
      aria-expanded=${row.kind === "group" ? String(row.expanded) : nothing}
      aria-selected=${row.kind === "tensor" ? String(selected) : nothing}
      @click=${(): void => this.activate(index)}
      ${setStyle({ top: `${index * ROW_HEIGHT}px` })}
    >
      ${this.columns.map((column, at) =>
        at === 0 ? nameCell(row) : figureCell(column, row, this.largest.get(column.family) ?? 0, models),
      )}
    </div>`;
  }

  private sortBy({ id, descendingFirst }: Column): void {
    const sort = this.session?.state.view.sort;
    const again = sort?.column === id;
    this.session?.setView({ sort: { column: id, descending: again ? !sort.descending : descendingFirst } });
  }

  private activate(index: number): void {
    const row = this.rows[index];
    this.activeIndex = index;
    if (row?.kind === "tensor") this.session?.chooseTensor(row.tensor);
    else if (row) this.setExpanded(row.name, !row.expanded);
  }

  private setExpanded(group: string, open: boolean): void {
    const others = this.session?.state.view.expanded.filter((name) => name !== group) ?? [];
    this.session?.setView({ expanded: open ? [...others, group] : others });
  }

  private moveTo(index: number): void {
    this.activeIndex = Math.min(Math.max(index, 0), this.rows.length - 1);
    this.virtualizer?.scrollToIndex(this.activeIndex, { align: "auto" });
  }

  private onKey(event: KeyboardEvent): void {
    // Enter and Space on a heading's button sort; the arrows work from there, too.
    const onButton = event.composedPath()[0] instanceof HTMLButtonElement;
    const row = this.rows[this.activeIndex];
    const moves: Record<string, number> = {
      ArrowUp: this.activeIndex - 1,
      ArrowDown: this.activeIndex + 1,
      PageUp: this.activeIndex - PAGE_ROWS,
      PageDown: this.activeIndex + PAGE_ROWS,
      Home: 0,
      End: this.rows.length - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) this.moveTo(target);
    else if ((event.key === "Enter" || event.key === " ") && !onButton && row) this.activate(this.activeIndex);
    else if (event.key === "ArrowRight" && row?.kind === "group") this.setExpanded(row.name, true);
    else if (event.key === "ArrowLeft" && row) this.foldFrom(row);
    else return;
    event.preventDefault();
  }

  /** Left folds an open group; on a tensor it goes up to its group. */
  private foldFrom(row: TableRow): void {
    if (row.kind === "group") this.setExpanded(row.name, false);
    else if (row.level === 2) {
      this.moveTo(this.rows.findIndex(({ kind, name }) => kind === "group" && name === row.tensor.group));
    }
  }
}

customElements.define("ties-layer-table", LayerTable);
