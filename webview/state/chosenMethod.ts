/** The settings with another method, as far as they hold for it. */
import type { Compat, Method } from "../../src/protocol/mergeSet";
import {
  DEFAULT_DENSITY,
  DEFAULT_EPSILON,
  DEFAULT_GAMMA,
  dropsOutliers,
  PRESETS,
  ranksEntries,
  takesDensity,
  takesWeights,
} from "../../src/protocol/mergeSet";
import type { InspectorSettings } from "../../src/protocol/settings";
import type { ShownSet } from "./inspectorState";
import { takenDensity } from "../text/densityWindow";

export type OtherMethod = Exclude<Method, "ties">;
/** TIES by the rules of a preset, or a method beside it. */
export type MethodChoice = `ties ${Compat}` | OtherMethod;

/**
 * Those that need no more than the settings. What others need – weights of their own, a sample with the ranks of its
 * rows – is there only where the set was opened with them.
 */
export const MASKED: readonly OtherMethod[] = [
  "dare_ties",
  "dare_linear",
  "breadcrumbs_ties",
  "breadcrumbs",
  "magnitude_prune",
];
export const UNMASKED: readonly OtherMethod[] = ["task_arithmetic", "linear"];
const RANKED: readonly OtherMethod[] = ["della", "della_linear"];

/** The methods beside these that a set can have because of how it was opened. */
export function ownMethods(opened: Method): readonly OtherMethod[] {
  if (ranksEntries(opened)) return RANKED;
  return opened === "ties" || MASKED.includes(opened) || UNMASKED.includes(opened) ? [] : [opened];
}

type ModelSettings = InspectorSettings["models"][number];

export function withMethod(settings: InspectorSettings, chosen: MethodChoice, opened: ShownSet): InspectorSettings {
  const [method, preset] = chosen.split(" ") as [Method, Compat | undefined];
  // What one method alone knows is as the set was opened again, so that the way back leads there.
  const { epsilon: before, ...rest } = settings;
  const epsilon = ranksEntries(method) ? (before ?? opened.epsilon ?? DEFAULT_EPSILON) : opened.epsilon;
  const gamma = dropsOutliers(method) ? rest.gamma || opened.gamma || DEFAULT_GAMMA : opened.gamma;
  const known = { ...rest, gamma, ...(epsilon !== undefined && { epsilon }) };
  const compat = preset ?? settings.compat;
  // Methods that do not trim say nothing of it, and have what was opened; those that do may not take all of it.
  const densityOf = (now: number, own: number): number => {
    if (!takesDensity(method)) return own;
    const asked = takesDensity(settings.method) ? now : takesDensity(opened.method) ? own : DEFAULT_DENSITY[compat];
    return ranksEntries(method) ? takenDensity(asked, epsilon ?? 0) : asked;
  };
  const models = settings.models.map((model, at): ModelSettings => {
    const own = opened.models[at] ?? model;
    return {
      ...model,
      density: densityOf(model.density, own.density),
      weight: takesWeights(method) ? model.weight : own.weight,
    };
  });
  if (method === opened.method && method !== "ties") {
    return { ...known, method, compat: opened.compat, rules: { ...opened.rules }, normalize: opened.normalize, models };
  }
  if (method !== "ties") return { ...known, method, normalize: method === "linear", models };
  const { normalize } = opened.method === "ties" ? opened : settings;
  return { ...known, method, compat, rules: { ...PRESETS[compat] }, normalize, models };
}
