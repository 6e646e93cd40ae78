/** Which merge set a picture is of, in one line. */
import { takesDensity } from "../../src/protocol/mergeSet";
import type { InspectorSettings } from "../../src/protocol/settings";
import type { InspectorState, OpenedSet } from "../state/inspectorState";
import { fileName } from "../text/fileName";
import { formatSetting } from "../text/numbers";
import { t } from "../text/translate";

/** Words for figures that are not exact, or of files that have changed since; none for others. */
export const sampleNote = ({ totals, changedFiles }: Pick<InspectorState, "totals" | "changedFiles">): string[] => [
  ...(totals?.margins ? [t("≈ estimated from a sample")] : []),
  ...(changedFiles.length > 0 ? [t("of files that have changed since")] : []),
];

/** `settings`: those that the figures are of, where they are others than the set was opened with. */
export function setSummary({ set }: OpenedSet, settings: InspectorSettings | null = null): string {
  const { method, compat } = settings ?? set;
  const models = set.models.flatMap(({ name, density }, index) => {
    const own = settings ? settings.models[index] : { on: true, density };
    if (!own?.on) return [];
    return [takesDensity(method) ? `${name} (d = ${formatSetting(own.density)})` : name];
  });
  const base = set.base === null ? [] : [`base ${fileName(set.base)}`];
  return [`${method} ${compat}`, ...base, models.join(", ")].join(" · ");
}
