/** Who loses the election as a figure: for each model its lost mass, layer by layer, on one scale. */
import { roundEnd } from "../overview/colorScale";
import { lossByLayer } from "../overview/lossByLayer";
import type { InspectorState } from "../state/inspectorState";
import { formatShare } from "../text/numbers";
import { t } from "../text/translate";
import { lossExplained, lossHeading, shownMethod } from "../text/withoutElection";
import { tick } from "../views/mapLegend";
import type { Figure } from "./figure";
import { element, fitted, label, textWidth } from "./figure";
import { modelColor } from "../views/modelMark";
import { modelGlyphFigure } from "./modelGlyphFigure";
import { sampleNote, setSummary } from "./setSummary";

const STRIP = 44;
const GAP = 10;
const WIDTH = 520;
const FIGURE = 56;
const BAR = 0.78;

export function lossFigure(state: InspectorState): Figure | null {
  const { opened, totals } = state;
  const models = opened?.set.models ?? [];
  if (!opened || !totals || models.length === 0) return null;
  const { layers, lost, largest } = lossByLayer(opened.tensors, state.groups, models.length);
  if (layers.length === 0) return null;
  const end = Math.min(1, roundEnd(largest));
  const left = Math.min(150, Math.max(...models.map(({ name }) => textWidth(name))) + 24);
  const step = WIDTH / layers.length;
  const bottom = models.length * (STRIP + GAP);
  const method = shownMethod(state);
  return {
    name: "who-loses",
    title: lossHeading(method),
    subtitle: [lossExplained(method), ...sampleNote(state), setSummary(opened, state.view.settings)].join(" · "),
    width: left + 40 + WIDTH + FIGURE,
    height: bottom + 22,
    drawing: (colors) => {
      const x = left + 40;
      const strips = models.map((shown, model) => {
        const fill = colors.resolve(modelColor(shown));
        const top = model * (STRIP + GAP);
        const bars = (lost[model] ?? []).map((share, layer) => {
          const tall = share === null ? 0 : Math.min(1, share / end) * STRIP;
          const at = x + (layer + (1 - BAR) / 2) * step;
          return element("rect", {
            x: at,
            y: top + STRIP - tall,
            width: step * BAR,
            height: tall,
            fill,
          });
        });
        return [
          modelGlyphFigure(shown, 4.5, top + STRIP / 2, colors),
          label(fitted(shown.name, left - 16), 13, top + STRIP / 2 + 4),
          label(tick({ unit: "share" }, end), x - 6, top + 9, { "text-anchor": "end", fill: colors.muted }),
          label("0", x - 6, top + STRIP, { "text-anchor": "end", fill: colors.muted }),
          ...[top, top + STRIP].map((y) => element("path", { d: `M${x} ${y}h${WIDTH}`, stroke: colors.line })),
          ...bars,
          label(formatShare(totals.models[model]?.lostMass), x + WIDTH + 8, top + STRIP / 2 + 4),
        ].join("");
      });
      return [
        ...strips,
        label(layers[0]?.label ?? "", x, bottom + 6, { fill: colors.muted }),
        label(t("layer"), x + WIDTH / 2, bottom + 6, { fill: colors.muted, "text-anchor": "middle" }),
        label(layers.at(-1)?.label ?? "", x + WIDTH, bottom + 6, { fill: colors.muted, "text-anchor": "end" }),
        label(t("whole model"), x + WIDTH + 8, bottom + 6, { fill: colors.muted }),
      ].join("");
    },
  };
}
