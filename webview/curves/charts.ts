/** What the curves view draws: four charts of the sample, with the current setting marked on each. */
import {
  dropsOutliers,
  electsSigns,
  keepsRandom,
  keepsShare,
  keepsVaried,
  type Method,
} from "../../src/protocol/mergeSet";
import type { SampledCurves, Spread } from "../../src/protocol/sample";
import { methodName } from "../text/methodName";
import { formatRatio, formatShare } from "../text/numbers";
import { t } from "../text/translate";
import type { Point } from "./axis";
import { axisEnd, valueAt } from "./axis";
import type { Chart, Series } from "./chart";

export interface ChartsOptions {
  curves: SampledCurves;
  method: Method;
  /** Of the settings, in the order of the curves; a density that differs by layer or tensor is null. */
  models: readonly { name: string; density: number | null; color: string; mark: number }[];
  /** Conflict at the current settings, of what the curves are of. */
  conflict: number | null;
}

/** Curves beside one another stay apart without their colours, too. */
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "5 5", "1 4", "12 4", "4 2 1 2"];
/** The least density that is drawn of a method that rescales. */
const LEAST_DRAWN = 0.05;
const ALL = "var(--ties-conflict)";
const PLAIN = "var(--ties-muted)";

const percent = (share: number): string => formatShare(share, share > 0 && share < 0.1 ? 1 : 0);
const whole = (value: number): string => String(value);

/** How many there are. */
export const CHARTS = 4;

export function chartsOf(options: ChartsOptions): Chart[] {
  return [keptNorm(options), conflictByDensity(options), conflictByModels(options), norms(options)];
}

function keptNorm({ curves, models, method }: ChartsOptions): Chart {
  const isDrawn = keepsRandom(method);
  // Towards 0 what is left is made as large as anything: the axis would be about that alone.
  const shown = isDrawn ? curves.byDensity.filter(({ density }) => density >= LEAST_DRAWN) : curves.byDensity;
  const series = models.map(({ name, density, color, mark }, t_): Series => {
    const points = shown.map((at): Point => ({ x: at.density, y: at.keptNorm[t_] ?? 0 }));
    return { name, color, dash: DASHES[mark % DASHES.length] ?? "", points, mark: markAt(points, density) };
  });
  return {
    ...(isDrawn
      ? {
          title: t("What is left grows"),
          subtitle: t("‖τ̂‖ with entries dropped at random and the rest rescaled"),
          y: [
            0,
            axisEnd(
              series.flatMap(({ points }) => points.map(({ y }) => y)),
              false,
            ),
          ],
          formatY: (value: number) => formatRatio(value, 1),
        }
      : {
          title: t("Most entries can go"),
          subtitle: keptBy(method),
          y: [0, 1],
          formatY: percent,
        }),
    xLabel: shareName(method),
    yLabel: "‖τ̂‖ ÷ ‖τ‖",
    x: [0, 1],
    xTicks: [0, 0.2, 0.4, 0.6, 0.8, 1],
    formatX: whole,
    series,
  };
}

/** What the share is called that is kept. */
const shareName = (method: Method): string => (keepsVaried(method) ? "select_topk" : t("density"));

function keptBy(method: Method): string {
  if (keepsVaried(method)) return t("Share of ‖τ‖ in the entries that the models differ in most");
  return dropsOutliers(method)
    ? t("Share of ‖τ‖ that the largest entries but the outliers keep")
    : t("Share of ‖τ‖ that the largest entries keep");
}

function conflictByDensity({ curves, models, conflict, method }: ChartsOptions): Chart {
  const points = curves.byDensity.map((at): Point => ({ x: at.density, y: at.conflict }));
  // Where densities differ no single place on the axis is the current one.
  const [first] = models;
  const density = first && models.every((model) => model.density === first.density) ? first.density : null;
  const mark = density === null || conflict === null ? markAt(points, density) : { x: density, y: conflict };
  return {
    title: densityTitle(method),
    subtitle: keepsVaried(method)
      ? t("Share of parameters kept with both signs")
      : t("Share of parameters kept with both signs, the same density for all models"),
    xLabel: shareName(method),
    yLabel: t("conflict"),
    x: [0, 1],
    y: [0, axisEnd([...points.map(({ y }) => y), mark?.y ?? 0], true)],
    xTicks: [0, 0.2, 0.4, 0.6, 0.8, 1],
    formatX: whole,
    formatY: percent,
    series: [{ name: t("all models"), color: ALL, dash: "", points, mark }],
  };
}

function conflictByModels({ curves: { byModels } }: ChartsOptions): Chart {
  return {
    title: t("Conflict grows with every model"),
    subtitle: t("First n models; band: {subsets} of n", { subsets: subsetsText(byModels) }),
    xLabel: t("models merged"),
    yLabel: t("conflict"),
    ...byModelsAxis(byModels),
    y: [
      0,
      axisEnd(
        byModels.map(({ conflict }) => conflict.most),
        true,
      ),
    ],
    formatY: percent,
    series: [spreadSeries(t("first n"), ALL, "", byModels, ({ conflict }) => conflict)],
  };
}

function norms({ curves: { byModels }, method }: ChartsOptions): Chart {
  return {
    title: t("Averaging shrinks what was learned"),
    subtitle: t("Length of the merged task vector over the models’ mean ‖τ‖"),
    xLabel: t("models merged"),
    yLabel: t("relative norm"),
    ...byModelsAxis(byModels),
    y: [
      0,
      axisEnd(
        byModels.flatMap(({ ties, averaging }) => [ties.most, averaging.most]),
        false,
      ),
    ],
    formatY: (value) => formatRatio(value, 2),
    series: [
      spreadSeries(electionName(method), "var(--ties-positive)", "", byModels, ({ ties }) => ties),
      spreadSeries(t("averaging"), PLAIN, "6 3", byModels, ({ averaging }) => averaging),
    ],
  };
}

function densityTitle(method: Method): string {
  if (!keepsShare(method)) return t("Trimming would resolve conflicts");
  return keepsRandom(method) || keepsVaried(method)
    ? t("Dropping resolves conflicts")
    : t("Trimming resolves conflicts");
}

/** Of what the method keeps, signs elected: by itself, or as TIES would. */
function electionName(method: Method): string {
  if (electsSigns(method)) return methodName({ method });
  return keepsShare(method) ? t("with an election") : t("TIES, density 1");
}

type ByModels = SampledCurves["byModels"];

const byModelsAxis = (byModels: ByModels): Pick<Chart, "x" | "xTicks" | "formatX"> => ({
  x: [1, Math.max(2, byModels.length)],
  xTicks: byModels.map(({ count }) => count).filter((count) => byModels.length <= 10 || count % 5 === 0),
  formatX: whole,
});

const subsetsText = (byModels: ByModels): string =>
  byModels.every(({ all }) => all) ? t("all subsets") : t("some subsets");

function spreadSeries(
  name: string,
  color: string,
  dash: string,
  byModels: ByModels,
  of: (at: ByModels[number]) => Spread,
): Series {
  const points = byModels.map((at): Point => ({ x: at.count, y: of(at).first }));
  return {
    name,
    color,
    dash,
    points,
    band: byModels.map((at) => ({ x: at.count, least: of(at).least, most: of(at).most })),
    mark: points.at(-1) ?? null,
  };
}

function markAt(points: readonly Point[], x: number | null): Point | null {
  if (x === null) return null;
  const y = valueAt(points, x);
  return y === null ? null : { x, y };
}
