/** The whole model map as a figure: every row, also those out of sight. */
import { valueText } from "../overview/cellValue";
import { onScale, scaleEnd } from "../overview/colorScale";
import { mapFigures } from "../overview/mapFigures";
import type { MapCell, MapRow } from "../overview/mapGrid";
import { mapGrid } from "../overview/mapGrid";
import type { InspectorState } from "../state/inspectorState";
import { shortName } from "../overview/shortName";
import { statisticsOf } from "../statistics/catalogue";
import { t } from "../text/translate";
import { shownMethod } from "../text/withoutElection";
import { tick } from "../views/mapLegend";
import { rowName } from "../views/modelMapCells";
import { sampleNote, setSummary } from "./setSummary";
import type { Figure } from "./figure";
import { element, fitted, label, textWidth } from "./figure";
import type { FigureColors } from "./figureColors";
import { LEGEND_HEIGHT, scaleLegend } from "./scaleLegend";

/** Columns of a cell outside the layers that has the name of its tensor, too. */
const NAMED_SPAN = 2;
const ROW = 18;
const COLUMN = 56;
const GAP = 1.5;
const HEAD = 20;

export function modelMapFigure(state: InspectorState): Figure | null {
  const { opened } = state;
  if (!opened) return null;
  const grid = mapGrid(opened.tensors);
  const statistics = statisticsOf(opened.set.models, shownMethod(state));
  const statistic = statistics.find(({ id }) => id === state.view.statistic) ?? statistics[0];
  if (!statistic || grid.rows.length === 0) return null;
  const family = statistics.filter((candidate) => candidate.family === statistic.family);
  const { values, largest, pending } = mapFigures(grid, family, statistic, state.rows);
  const end = state.view.fixedScales[statistic.family] ?? scaleEnd(statistic.unit, largest);
  const names = statistic.models.map((index) => opened.set.models[index]?.name ?? "");
  const rowLabel = Math.min(140, Math.max(...grid.rows.map((row) => textWidth(rowName(row)))) + 10);
  const rowsHeight = HEAD + grid.rows.length * ROW;

  const drawCell = (row: number, cell: MapCell, colors: FigureColors): string => {
    const value = values.get(cell) ?? { kind: "pending" as const };
    const share = value.kind === "counted" && value.value !== null ? onScale(value.value, end) : null;
    const place = {
      x: rowLabel + cell.column * COLUMN,
      y: HEAD + row * ROW,
      width: cell.span * COLUMN - GAP,
      height: ROW - GAP,
    };
    if (share === null) return element("rect", { ...place, fill: "none", stroke: colors.nothing });
    const { fill, ink } = colors.scale(share);
    const figure = statistic.unit === "norm" ? "" : valueText(statistic, value).replace(/ %$/, "");
    const [tensor] = grid.rows[row]?.layer === null && cell.span >= NAMED_SPAN ? cell.tensors : [];
    const text = tensor ? `${fitted(shortName(tensor.name), (cell.span - 1) * COLUMN)} ${figure}` : figure;
    return (
      element("rect", { ...place, fill }) +
      label(text, place.x + place.width / 2, place.y + 12.5, { "text-anchor": "middle", "font-size": 10, fill: ink })
    );
  };
  const drawRow = (row: MapRow, at: number, colors: FigureColors): string =>
    label(fitted(rowName(row), rowLabel - 6), 0, HEAD + at * ROW + 12.5) +
    row.cells.map((cell) => drawCell(at, cell, colors)).join("");

  return {
    name: `model-map-${statistic.id.replaceAll(" ", "-")}`,
    title: [t("Where the models disagree"), statistic.label, ...names].join(" · "),
    subtitle: [
      statistic.hint,
      ...(pending ? [t("not counted yet")] : []),
      ...sampleNote(state),
      setSummary(opened, state.view.settings),
    ].join(" · "),
    width: rowLabel + grid.width * COLUMN,
    height: rowsHeight + 14 + LEGEND_HEIGHT,
    drawing: (colors) =>
      [
        ...grid.columns.map((kind, at) =>
          label(fitted(kind, COLUMN), rowLabel + (at + 0.5) * COLUMN, 13, {
            "text-anchor": "middle",
            fill: colors.muted,
          }),
        ),
        ...grid.rows.map((row, at) => drawRow(row, at, colors)),
        scaleLegend(
          (share) => colors.scale(share).fill,
          ["0", tick(statistic, end / 2), `${largest > end ? "≥ " : ""}${tick(statistic, end)}`],
          statistic.label,
          colors,
          rowLabel,
          rowsHeight + 12,
        ),
      ].join(""),
  };
}
