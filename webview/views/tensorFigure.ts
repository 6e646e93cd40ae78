/** The pictures of a tensor as they are shown, as one figure. */
import type { CanvasPicture } from "../export/canvasFigure";
import { canvasFigure } from "../export/canvasFigure";
import type { Figure } from "../export/figure";
import { setSummary } from "../export/setSummary";
import type { TensorScene } from "../plot/scene";
import { cellSize } from "../plot/viewport";
import type { TensorEntry } from "../state/inspectorState";
import type { Session } from "../state/session";
import { formatMagnitude, formatWhole } from "../text/numbers";
import { stretchNote } from "../text/stretchNote";
import { t } from "../text/translate";
import type { MapView } from "./mapView";

const MASKS_A_ROW = 4;

/** `root` holds the pictures. */
export function tensorFigure(
  session: Session,
  tensor: TensorEntry,
  scene: TensorScene,
  root: ParentNode,
): Figure | null {
  const { view } = session.state;
  const opened = session.pictured;
  if (!opened) return null;
  const shown = [...root.querySelectorAll<MapView>("ties-map")].flatMap(
    (map): (CanvasPicture & { mask: boolean })[] => {
      const canvas = map.renderRoot.querySelector("canvas");
      return canvas ? [{ canvas, heading: map.label, mask: map.picture?.kind === "mask" }] : [];
    },
  );
  const masks = shown.filter(({ mask }) => mask);
  const rows: CanvasPicture[][] = [];
  for (let at = 0; at < masks.length; at += MASKS_A_ROW) rows.push(masks.slice(at, at + MASKS_A_ROW));
  rows.push(shown.filter(({ mask }) => !mask));
  const { rowStart, rowEnd, columnStart, columnEnd } = scene.range;
  const part = `[${formatWhole(rowStart)}…${formatWhole(rowEnd - 1)}, ${formatWhole(columnStart)}…${formatWhole(columnEnd - 1)}]`;
  const stretched = stretchNote(scene.projection);
  return canvasFigure({
    name: tensor.name,
    title: tensor.name,
    subtitle: [
      `[${tensor.shape.join(" × ")}] ${tensor.dtype}`,
      t("shown: {range}", { range: part }),
      ...(stretched === null ? [] : [stretched]),
      ...(cellSize(scene.projection) < 1 ? [t("A pixel’s strength is the square root of its block’s share")] : []),
      t("scale of τ_m: ±{limit}", { limit: formatMagnitude(scene.limit, 0) }),
      setSummary(opened),
    ].join(" · "),
    rows,
    keys: (colors) => [
      { fill: colors.positive, text: `+ ${t("positive")}` },
      { fill: colors.negative, text: `− ${t("negative")}` },
      ...(view.showConflicts ? [{ fill: colors.conflict, text: t("conflict among kept") }] : []),
      { fill: colors.plotBackground, text: t("nobody kept it") },
    ],
  });
}
