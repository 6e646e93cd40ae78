/** One row of the model map: the layer's name and its cells. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import type { CellValue } from "../overview/cellValue";
import { valueText } from "../overview/cellValue";
import { onScale, scaleColor } from "../overview/colorScale";
import type { MapCell, MapRow } from "../overview/mapGrid";
import type { MapPlace } from "../overview/mapWalk";
import { shortName } from "../overview/shortName";
import type { Statistic } from "../statistics/statistic";
import { layerName, roleName } from "../text/kindNames";
import { brokenText } from "../text/brokenText";
import { t } from "../text/translate";
import { setStyle } from "./setStyle";

export interface RowOptions {
  row: MapRow;
  index: number;
  top: number;
  statistic: Statistic;
  end: number;
  valueOf: (cell: MapCell) => CellValue;
  /** Width of a cell over so many columns, in pixels. */
  widthOf: (span: number) => number;
  /** Which cell can be reached by Tab. */
  cursor: MapPlace;
  chosenTensor: string | null;
  chosenLayer: string | null;
}

/** What a cell's figure needs; and what it needs beside the name of a tensor that stands under no kind of its own. */
const FIGURE_WIDTH = 40;
const NAME_WIDTH = 110;

export const rowName = ({ role, label }: MapRow): string => (role === null ? layerName(label) : roleName(role));

/** Kinds of module have the field's names; `embeddings` alone where the kind says no more than that. */
export const cellName = (row: MapRow, cell: MapCell): string =>
  row.role === cell.kind ? rowName(row) : `${rowName(row)} · ${cell.kind}`;

export function cellSummary(row: MapRow, cell: MapCell, statistic: Statistic, value: CellValue): string {
  const figure = value.kind === "pending" ? t("not counted yet") : valueText(statistic, value);
  // Cells outside the layers stand under no kind of module: their tensors tell them apart.
  const [tensor] = row.layer === null && row.cells.length > 1 ? cell.tensors : [];
  return `${cellName(row, cell)}${tensor ? ` · ${tensor.name}` : ""}: ${statistic.label} ${figure}`;
}

export function mapRow(options: RowOptions): TemplateResult {
  const { row, index, top, cursor, chosenLayer } = options;
  const isCursor = cursor.row === index && cursor.cell === -1;
  return html`<div role="row" class="row" aria-rowindex=${index + 2} ${setStyle({ top: `${top}px` })}>
    <div
      role="rowheader"
      aria-colindex="1"
      class="name ${row.layer === null ? "outer" : "layer"} ${isCursor ? "cursor" : ""}"
      tabindex=${row.layer === null ? nothing : isCursor ? "0" : "-1"}
      aria-selected=${row.layer === null ? nothing : row.layer === chosenLayer ? "true" : "false"}
      data-row=${index}
      data-cell="-1"
      title=${row.layer === null ? rowName(row) : t("{layer}: show its pairs", { layer: row.layer })}
    >
      ${rowName(row)}
    </div>
    ${row.cells.map((cell, at) => mapCell(options, cell, at))}
  </div>`;
}

function mapCell(options: RowOptions, cell: MapCell, at: number): TemplateResult {
  const { row, index, statistic, end, cursor, chosenTensor } = options;
  const value = options.valueOf(cell);
  const isCursor = cursor.row === index && cursor.cell === at;
  const isChosen = cell.tensors.some(({ name }) => name === chosenTensor);
  const share = value.kind === "counted" && value.value !== null ? onScale(value.value, end) : null;
  const broken = brokenReason(cell);
  const look = value.kind === "pending" ? "pending" : share === null ? "nothing" : "counted";
  const origin = value.kind === "counted" && value.sampled ? "estimated" : "";
  const width = options.widthOf(cell.span);
  const named = row.layer === null && width >= NAME_WIDTH;
  return html`<div
    role="gridcell"
    aria-colindex=${cell.column + 2}
    aria-colspan=${cell.span > 1 ? cell.span : nothing}
    aria-selected=${isChosen ? "true" : "false"}
    aria-label=${[cellSummary(row, cell, statistic, value), ...(broken === null ? [] : [broken])].join(". ")}
    title=${broken ?? nothing}
    class="cell ${broken === null ? "" : "broken"} ${look} ${origin} ${isCursor ? "cursor" : ""} ${width < FIGURE_WIDTH ? "narrow" : ""}"
    tabindex=${isCursor ? "0" : "-1"}
    data-row=${index}
    data-cell=${at}
    data-name=${named ? cell.tensors.map(({ name }) => shortName(name)).join(" ") : nothing}
    ${setStyle({
      "grid-column": `${cell.column + 2} / span ${cell.span}`,
      ...(share === null ? {} : scaleColor(share)),
    })}
  >
    <span class="figure" aria-hidden="true"
      >${broken === null ? nothing : "⚠ "}${share === null && broken !== null ? nothing : shortFigure(statistic, value)}</span
    >
  </div>`;
}

/** Why nothing is counted of a tensor of the cell. */
function brokenReason({ tensors }: MapCell): string | null {
  const reasons = tensors.flatMap((tensor) => (tensor.broken ? brokenText(tensor.broken) : []));
  return reasons.length > 0 ? reasons.join(" ") : null;
}

/** Without the unit, which the legend says. */
const shortFigure = (statistic: Statistic, value: CellValue): string =>
  statistic.unit === "norm" ? "" : valueText(statistic, value).replace(/ %$/, "").replace("≈ ", "≈");
