/** The pairs as a figure: above the diagonal opposite signs, below it cosines. */
import { onScale } from "../overview/colorScale";
import { disagreeEnd, disagreeShare, pairOf, scopeStatistics } from "../overview/pairFigures";
import type { InspectorState, ShownModel } from "../state/inspectorState";
import { formatRatio, formatShare } from "../text/numbers";
import { t } from "../text/translate";
import { tick } from "../views/mapLegend";
import type { Figure } from "./figure";
import { element, fitted, label, textWidth } from "./figure";
import type { FigureColors } from "./figureColors";
import { LEGEND_HEIGHT, scaleLegend } from "./scaleLegend";
import { modelGlyphFigure } from "./modelGlyphFigure";
import { sampleNote, setSummary } from "./setSummary";

const ROW = 26;
const COLUMN = 74;
const GAP = 2;
const HEAD = 22;

export function pairsFigure(state: InspectorState): Figure | null {
  const { opened } = state;
  const { layer } = state.view;
  const statistics = scopeStatistics(state, layer);
  const models = opened?.set.models ?? [];
  if (!opened || !statistics || models.length < 2) return null;
  const left = Math.min(140, Math.max(...models.map(({ name }) => textWidth(name))) + 24);
  const height = HEAD + models.length * ROW;
  const end = disagreeEnd(statistics);
  const content = (row: number, column: number, colors: FigureColors): { text: string; fill: string; ink: string } => {
    const pair = pairOf(statistics, row, column);
    if (row > column) {
      return { text: formatRatio(pair?.cosine, 2), ...colors.cosine(pair?.cosine ?? 0) };
    }
    const share = disagreeShare(pair);
    const look = share === null ? { fill: "none", ink: colors.foreground } : colors.scale(onScale(share, end));
    return { text: formatShare(share), ...look };
  };
  const cell = (row: number, column: number, colors: FigureColors): string => {
    const place = { x: left + column * COLUMN, y: HEAD + row * ROW, width: COLUMN - GAP, height: ROW - GAP };
    if (row === column) return element("rect", { ...place, fill: "none", stroke: colors.nothing });
    const { text, fill, ink } = content(row, column, colors);
    return (
      element("rect", { ...place, fill, stroke: colors.nothing }) +
      label(text, place.x + place.width / 2, place.y + 16, { "text-anchor": "middle", fill: ink })
    );
  };
  const name = (model: ShownModel, x: number, y: number, width: number, colors: FigureColors): string =>
    modelGlyphFigure(model, x + 4.5, y - 4, colors) + label(fitted(model.name, width - 14), x + 13, y);
  return {
    name: layer === null ? "pairs" : `pairs-${layer}`,
    title: `${t("Pairs")} · ${layer ?? t("whole model")}`,
    subtitle: [
      t("Above: share of opposite signs among what both keep · below: cosine of the task vectors"),
      ...sampleNote(state),
      setSummary(opened, state.view.settings),
    ].join(" · "),
    width: Math.max(left + models.length * COLUMN, 420),
    height: height + 2 * (LEGEND_HEIGHT + 8) + 8,
    drawing: (colors) =>
      [
        ...models.map((model, at) => name(model, left + at * COLUMN, 14, COLUMN, colors)),
        ...models.map((model, at) => name(model, 0, HEAD + at * ROW + 16, left, colors)),
        ...models.flatMap((_, row) => models.map((__, column) => cell(row, column, colors))),
        scaleLegend(
          (share) => colors.scale(share).fill,
          ["0", tick({ unit: "share" }, end / 2), tick({ unit: "share" }, end)],
          t("opposite signs"),
          colors,
          left,
          height + 10,
        ),
        scaleLegend(
          (share) => colors.cosine(2 * share - 1).fill,
          ["−1", "0", "+1"],
          t("cosine"),
          colors,
          left,
          height + 18 + LEGEND_HEIGHT,
        ),
      ].join(""),
  };
}
