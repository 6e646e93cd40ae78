/** For each model the mass that it lost to the election, layer by layer. */
import type { GroupStatistics } from "../../src/protocol/report";
import type { TensorEntry } from "../state/inspectorState";
import { layerLabels } from "./layerLabels";

export interface LossByLayer {
  layers: readonly { name: string; label: string }[];
  /** [model][layer], 0 to 1; null until the whole report is there, for mass does not add up from tensors' shares. */
  lost: readonly (readonly (number | null)[])[];
  largest: number;
}

/** NaN where the model is off. */
const shareOf = (share: number | undefined): number | null =>
  share === undefined || Number.isNaN(share) ? null : share;

const isLayer = (group: string): boolean => /(?:^|[._])\d+$/.test(group);

export function lossByLayer(
  tensors: readonly TensorEntry[],
  groups: ReadonlyMap<string, GroupStatistics>,
  models: number,
): LossByLayer {
  const names = [...new Set(tensors.map(({ group }) => group))].filter(isLayer);
  const labels = layerLabels(names);
  const lost = Array.from({ length: models }, (_, model) =>
    names.map((name) => shareOf(groups.get(name)?.models[model]?.lostMass)),
  );
  return {
    layers: names.map((name) => ({ name, label: labels.get(name) ?? name })),
    lost,
    largest: Math.max(0, ...lost.flat().map((share) => share ?? 0)),
  };
}
