/** How far the figures shown are: sampled, and by how much they may be off, counted in part, or exact. */
import type { TemplateResult } from "lit";
import { css, html } from "lit";
import type { InspectorState } from "../state/inspectorState";
import { formatWhole } from "../text/numbers";
import { t } from "../text/translate";

export function statisticsBadge(state: InspectorState): TemplateResult {
  const { connection, phase, sample, exactShown, totals, changedFiles } = state;
  if (connection.kind === "opening") {
    return badge(
      "computing",
      t("opening the models…"),
      t("Until they are read, layers and tensors are those of the base."),
    );
  }
  if (changedFiles.length > 0) {
    return badge(
      "failed",
      t("out of date"),
      t("Files have changed since this set was opened: what is shown is of their old contents."),
    );
  }
  const share = phase.kind === "computing" ? Math.floor(phase.share * 100) : 0;
  const isCounting = exactShown && phase.kind === "computing";
  if (totals && !totals.margins) return badge("exact", t("exact"), t("Every figure is counted over all parameters"));
  if (sample.kind === "ready" && totals) {
    const { conflictMargin, entries, elements, bytesRead, bytes } = sample.facts;
    const percent = Number((100 * conflictMargin).toPrecision(1));
    // How far it may be off follows a moment after the figures.
    const figure = t("sampled ±{margin} %", { margin: Number.isNaN(percent) ? "…" : percent });
    const text = isCounting ? t("{sampled} · exact {share} %", { sampled: figure, share }) : figure;
    const title = t(
      "Estimated from {entries} of {elements} parameters ({read} % of the bytes). ±: half the 95 % interval of the whole model’s share in conflict.",
      {
        entries: formatWhole(entries),
        elements: formatWhole(elements),
        read: bytes > 0 ? Number(((100 * bytesRead) / bytes).toPrecision(2)) : 0,
      },
    );
    return badge(isCounting ? "computing" : "sampled", text, title);
  }
  if (isCounting) return badge("computing", t("computing {share} %", { share }), phase.tensor);
  if (sample.kind === "reading" && phase.kind !== "failed") return badge("computing", t("reading a sample…"), "");
  const failed = phase.kind === "failed" || sample.kind === "failed";
  return failed ? badge("failed", t("not computed"), "") : badge("idle", "…", "");
}

const badge = (kind: string, text: string, title: string): TemplateResult =>
  html`<span class="badge number ${kind}" title=${title}>${text}</span>`;

export const statisticsBadgeStyles = css`
  .badge {
    padding: 2px 10px;
    border: 1px solid var(--ties-line);
    border-radius: 11px;
    font-size: 0.92em;
    line-height: 16px;
    white-space: nowrap;
  }
  .badge.exact {
    border-color: var(--vscode-testing-iconPassed, currentColor);
  }
  .badge.computing {
    border-color: var(--vscode-progressBar-background, currentColor);
  }
  .badge.sampled {
    border-style: dashed;
    border-color: var(--vscode-editorWarning-foreground, currentColor);
  }
  .badge.failed {
    border-color: var(--vscode-errorForeground, currentColor);
  }
`;
