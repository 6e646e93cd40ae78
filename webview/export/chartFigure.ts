/** A chart of curves as a figure: what is drawn, with its words and the names of its curves. */
import type { Chart } from "../curves/chart";
import type { InspectorSettings } from "../../src/protocol/settings";
import type { OpenedSet } from "../state/inspectorState";
import { t } from "../text/translate";
import type { Figure } from "./figure";
import { setSummary } from "./setSummary";
import { svgFigure } from "./svgFigure";

/** `place`: of what the curves are, the whole model or a layer. */
export function chartFigure(
  chart: Chart,
  source: SVGSVGElement,
  place: string,
  opened: OpenedSet,
  settings: InspectorSettings | null,
): Figure {
  const { title, subtitle, series } = chart;
  return svgFigure(source, {
    name: `curves-${title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-")}`,
    title,
    subtitle: [subtitle, place, t("≈ estimated from a sample"), setSummary(opened, settings)].join(" · "),
    keys: (colors) => series.map(({ name, color }) => ({ fill: colors.resolve(color), text: name })),
  });
}
