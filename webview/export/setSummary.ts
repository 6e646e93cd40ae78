/** Which merge set a picture is of, in one line. */
import type { InspectorSettings } from "../../src/protocol/settings";
import type { InspectorState, OpenedSet } from "../state/inspectorState";
import { formatSetting } from "../text/numbers";
import { t } from "../text/translate";

/** Words for figures that are not exact, none for exact ones. */
export const sampleNote = ({ totals }: Pick<InspectorState, "totals">): string[] =>
  totals?.margins ? [t("≈ estimated from a sample")] : [];

/** `settings`: those that the figures are of, where they are others than the set was opened with. */
export function setSummary({ set }: OpenedSet, settings: InspectorSettings | null = null): string {
  const { method, compat } = settings ?? set;
  const models = set.models.flatMap(({ name, density }, index) => {
    const own = settings ? settings.models[index] : { on: true, density };
    if (!own?.on) return [];
    return [method === "ties" ? `${name} (d = ${formatSetting(own.density)})` : name];
  });
  const base = set.base
    ?.replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .pop();
  return [`${method} ${compat}`, ...(base === undefined ? [] : [`base ${base}`]), models.join(", ")].join(" · ");
}
