/** What stands around the pictures of a tensor: the choice of what they show, what they wait for, figures of a mask. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import type { InterferenceStatistics, ModelStatistics, Sampled } from "../../src/protocol/report";
import type { Overlay } from "../plot/blend";
import { overlayKey } from "../plot/blend";
import type { TensorScene } from "../plot/scene";
import type { TensorEntry } from "../state/inspectorState";
import { approximately } from "../state/sampledStatistics";
import type { Session } from "../state/session";
import { formatRatio, formatShare } from "../text/numbers";
import { t } from "../text/translate";
import { shownMethod } from "../text/withoutElection";
import { checkbox, progressRing, select } from "../ui/controls";
import { conflictText, normRatioFigure } from "./totalsView";

/**
 * The overlay of the view in the models that are pictured, unless its own is not among them. The view names a model of
 * the opened set: it stays chosen when others are switched off.
 */
export function overlayOf({ state, picturedMembers }: Session): Overlay {
  const { overlay } = state.view;
  if (overlay?.kind !== "lost") return overlay;
  const model = picturedMembers.indexOf(overlay.model);
  return model < 0 ? null : { kind: "lost", model };
}

export function renderOptions(session: Session): TemplateResult {
  const { view } = session.state;
  const members = session.picturedMembers;
  const models = session.pictured?.set.models ?? [];
  const { overlay } = view;
  const chosen = overlay?.kind === "lost" && !members.includes(overlay.model) ? null : overlay;
  return html`
    ${select({
      label: t("Entries that are shown"),
      value: overlayKey(chosen),
      groups: [
        {
          label: "",
          options: [
            { value: "", label: t("All entries") },
            { value: "conflicts", label: t("Conflicts only") },
          ],
        },
        {
          label: t("Lost entries only"),
          options: models.map(({ name }, model) => ({
            value: overlayKey({ kind: "lost", model: members[model] ?? model }),
            label: t("lost: {model}", { model: name }),
          })),
        },
      ],
      onChange: (value) => session.setView({ overlay: overlayNamed(value) }),
    })}
    ${checkbox({
      label: t("Conflicts"),
      checked: view.showConflicts,
      onChange: (showConflicts) => session.setView({ showConflicts }),
    })}
    ${checkbox({
      label: t("Profiles"),
      checked: view.showProfiles,
      onChange: (showProfiles) => session.setView({ showProfiles }),
    })}
  `;
}

/** The overlay with this key. */
function overlayNamed(key: string): Overlay {
  if (key === "conflicts") return { kind: "conflicts" };
  return key === "" ? null : { kind: "lost", model: Number(key.split(" ")[1]) };
}

/** What the pictures wait for: seen, and not announced each time. */
export function renderWaiting({ progress }: TensorScene): TemplateResult {
  if (!progress || progress.total === 0) return progressRing(t("Computing pictures"));
  const share = Math.floor((100 * progress.done) / progress.total);
  const texts = {
    trim: t("finding the thresholds: {share} %", { share }),
    statistics: t("counting the model’s majority sign: {share} %", { share }),
    pictures: t("counting this tensor: {share} %", { share }),
  };
  return html`${progressRing(t("Computing pictures"))} <span class="waiting number">${texts[progress.phase]}</span>`;
}

/** Pictures that do not wait for what takes a pass over all checkpoints. */
export const renderEstimated = (): TemplateResult =>
  html`<span
    class="estimated"
    title=${t("Every entry is read; which of them are kept follows from a sample until all are counted.")}
    >≈ ${t("thresholds from the sample")}</span
  >`;

/** The density that came out beside the one asked for, and the mass that the election took. */
export function maskNote(own: ModelStatistics, of: Sampled<InterferenceStatistics>, trims: boolean): TemplateResult {
  const share = approximately(of, formatShare(own.kept / Math.max(1, of.elements)));
  return html`${trims ? html`<span>${t("asked {share}", { share: formatShare(own.density) })}</span>` : nothing}
    <span>${t("kept {share}", { share })}</span>
    <span>${t("lost {share}", { share: approximately(of, formatShare(own.lostMass)) })}</span>`;
}

/** What is known of all entries of a tensor, in one line. */
export function tensorSummary({ state }: Session, tensor: TensorEntry): TemplateResult {
  const statistics = state.rows.get(tensor.name);
  if (!statistics) {
    const why = tensor.broken ? t("nothing is counted of this tensor") : t("statistics are being computed");
    return html`<span class="muted">${why}</span>`;
  }
  const method = shownMethod(state);
  const agreement = approximately(statistics, formatRatio(statistics.agreement));
  return html`<span><span class="muted">${t("conflict")}</span> ${conflictText(statistics, method)}</span>
    <span><span class="muted">${t("agreement")}</span> ${agreement}</span>
    ${normRatioFigure(statistics, method)}`;
}
