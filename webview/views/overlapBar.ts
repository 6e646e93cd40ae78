/** How many models keep a parameter: the N + 1 shares, and one bar of as many parts. */
import type { TemplateResult } from "lit";
import { css, html } from "lit";
import type { InterferenceStatistics } from "../../src/protocol/report";
import { formatShare } from "../text/numbers";
import { setStyle } from "./setStyle";

export function overlapBar({ overlap, elements }: InterferenceStatistics): TemplateResult {
  const share = (count: number): number => (elements > 0 ? count / elements : 0);
  return html`<span class="overlap">
    <span>${overlap.map((count) => formatShare(share(count))).join(" · ")}</span>
    <span class="parts" aria-hidden="true">
      ${overlap.map(
        (count, models) =>
          html`<span
            ${setStyle({
              "flex-grow": String(share(count)),
              "--strength": `${10 + (models / Math.max(1, overlap.length - 1)) * 80}%`,
            })}
          ></span>`,
      )}
    </span>
  </span>`;
}

export const overlapBarStyles = css`
  .overlap {
    display: flex;
    flex-direction: column;
    gap: 4px;
    padding-bottom: 3px;
  }
  .parts {
    display: flex;
    height: 6px;
    gap: 1px;
  }
  .parts span {
    flex: 0 1 0;
    min-width: 0;
    background: color-mix(in srgb, var(--vscode-foreground) var(--strength), transparent);
  }
`;
