/** How many models keep a parameter, as one bar of N + 1 parts. */
import type { TemplateResult } from "lit";
import { css, html } from "lit";
import type { InterferenceStatistics } from "../../src/protocol/report";
import { formatShare } from "../text/numbers";
import { t } from "../text/translate";
import { setStyle } from "./setStyle";

export function overlapBar({ overlap, elements }: InterferenceStatistics): TemplateResult {
  const share = (count: number): number => (elements > 0 ? count / elements : 0);
  const label = overlap
    .map((count, models) => t("kept by {models}: {share}", { models, share: formatShare(share(count)) }))
    .join(", ");
  return html`<span class="overlap" role="img" aria-label=${label} title=${label}>
    ${overlap.map(
      (count, models) =>
        html`<span
          class="part"
          ${setStyle({
            "flex-grow": String(share(count)),
            "--strength": `${(models / Math.max(1, overlap.length - 1)) * 100}%`,
          })}
          >${share(count) > 0.06 ? models : ""}</span
        >`,
    )}
  </span>`;
}

export const overlapBarStyles = css`
  .overlap {
    display: flex;
    min-width: 160px;
    height: 16px;
    gap: 1px;
    font-size: 0.85em;
    line-height: 16px;
    text-align: center;
  }
  .part {
    flex: 0 1 0;
    min-width: 0;
    overflow: hidden;
    border-bottom: 4px solid
      color-mix(in srgb, var(--vscode-charts-foreground, var(--vscode-foreground)) var(--strength), var(--ties-track));
  }
`;
