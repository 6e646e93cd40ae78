/** Figures are those of an election of signs: what is said of them where the method holds none. */
import { electsSigns, keepsShare, type Method } from "../../src/protocol/mergeSet";
import type { InspectorState } from "../state/inspectorState";
import { methodName } from "./methodName";
import { t } from "./translate";

/** Of the settings shown. */
export const shownMethod = ({ view, opened }: Pick<InspectorState, "view" | "opened">): Method =>
  view.settings?.method ?? opened?.set.method ?? "ties";

/** Null where the method elects signs, and the figures are of what it merges. */
export function withoutElectionNote(method: Method): string | null {
  if (electsSigns(method)) return null;
  const values = { method: methodName({ method }) };
  return keepsShare(method)
    ? t(
        "{method} elects no signs. Shown is how what it keeps interferes, as an election of TIES would see it; not what {method} merges.",
        values,
      )
    : t(
        "{method} neither trims nor elects signs. Shown is how the task vectors interfere, as TIES at density 1 would see them; not what {method} merges.",
        values,
      );
}

export const lossHeading = (method: Method): string =>
  electsSigns(method) ? t("Who loses the election") : t("Who would lose an election");

export const lossExplained = (method: Method): string =>
  electsSigns(method)
    ? t("Share of each model’s kept mass that was outvoted, by layer")
    : t("Share of each model’s mass that an election of signs would outvote, by layer");
