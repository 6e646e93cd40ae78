/** Headings and cells of the table of layers. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import type { ShownModel } from "../state/inspectorState";
import type { SortOrder } from "../state/viewState";
import type { Column } from "../table/columns";
import type { TableRow } from "../table/rows";
import { brokenText } from "../text/brokenText";
import { icon } from "../ui/icons";
import { modelColor, modelMark } from "./modelMark";
import { setStyle } from "./setStyle";
import { splitName } from "./splitName";

/** Widths in em; the name takes what is left. */
const WIDTHS: Readonly<Record<string, number>> = { shape: 9, dtype: 5.4, elements: 6.8, agreement: 6.6 };
/** Holds `≈ 100.0 %` and the longest usual heading. */
const USUAL_WIDTH = 6.6;
/** With units in the heading, or five digits and an exponent in the cell. */
const WIDE_WIDTH = 7.2;
const WIDE = new Set([
  "conflictBefore",
  "normRatio",
  "mergedNorm",
  "meanNorm",
  "norm",
  "keptNorm",
  "keptShare",
  "threshold",
  "nonFinite",
  "keptByAny",
  "cancelled",
  "lostEntries",
  "cosine",
  "disagree",
]);
const NAME_WIDTH = 15.5;
/** In very wide panels figures stay near the names. */
const MOST_NAME_WIDTH = 48;

/** The table's columns as grid tracks, and the least width of all. */
export function columnTracks(columns: readonly Column[]): { template: string; width: string } {
  const widths = columns.slice(1).map(({ family }) => WIDTHS[family] ?? (WIDE.has(family) ? WIDE_WIDTH : USUAL_WIDTH));
  return {
    template: `minmax(${NAME_WIDTH}em, ${MOST_NAME_WIDTH}em) ${widths.map((width) => `${width}em`).join(" ")}`,
    width: `${widths.reduce((sum, width) => sum + width, NAME_WIDTH)}em`,
  };
}

export function heading(
  column: Column,
  sort: SortOrder | null,
  models: readonly ShownModel[],
  onSort: () => void,
): TemplateResult {
  const isSorted = sort?.column === column.id;
  const direction = !isSorted ? "none" : sort.descending ? "descending" : "ascending";
  const names = column.models.map((index) => models[index]?.name ?? "");
  return html`<div role="columnheader" class="cell ${column.align}" aria-sort=${direction}>
    <button title=${names.length > 1 ? `${column.hint}: ${names.join(" × ")}` : column.hint} @click=${onSort}>
      <span class="label">${column.label}</span>
      <span class="sub"
        >${column.models.map((index) => {
          const model = models[index];
          return model ? html`${modelMark(model)}<span class="model">${model.name}</span>` : nothing;
        })}<span class="arrow" aria-hidden="true">${isSorted ? (sort.descending ? "▼" : "▲") : ""}</span></span
      >
    </button>
  </div>`;
}

export function nameCell(row: TableRow): TemplateResult {
  const broken = row.kind === "tensor" && row.tensor.broken ? brokenText(row.tensor.broken) : null;
  return html`<div
    role="rowheader"
    class="cell name level-${row.level}"
    title=${[row.name, ...(broken === null ? [] : [broken])].join("\n")}
  >
    ${
      row.kind === "group"
        ? html`${icon(row.expanded ? "chevronDown" : "chevronRight")}<span class="text">${row.label}</span
            ><span class="muted members">${row.tensors}</span>`
        : html`${splitName(row.label)}${broken === null ? nothing : html`<span class="broken">⚠ ${broken}</span>`}`
    }
  </div>`;
}

/** `most`: the value whose bar fills the cell. */
export function figureCell(column: Column, row: TableRow, most: number, models: readonly ShownModel[]): TemplateResult {
  const value = column.value(row);
  const width = column.bar === "share" && typeof value === "number" && most > 0 ? value / most : 0;
  const [of, other] = column.models;
  const model = of === undefined || other !== undefined ? undefined : models[of];
  return html`<div role="gridcell" class="cell figure ${column.align}" title=${column.exact(row)}>
    ${
      width > 0
        ? html`<span
            class="bar"
            ${setStyle({
              width: `calc((100% - 8px) * ${width.toFixed(4)})`,
              "--bar": model === undefined ? "var(--ties-conflict)" : modelColor(model),
            })}
          ></span>`
        : nothing
    }<span class="value">${column.format(row)}</span>
  </div>`;
}
