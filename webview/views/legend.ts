/** Legends of the pictures: what a colour means, and on which scale. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { formatMagnitude } from "../text/numbers";
import { t } from "../text/translate";

const key = (kind: string, glyph: string, label: string): TemplateResult =>
  html`<span class="key"><span class="swatch ${kind}" aria-hidden="true">${glyph}</span>${label}</span>`;

/** Signs and what is marked; `marked` is null where marks are not shown. With `only` nothing else is. */
export function signLegend(marked: string | null, nobody: string, only: unknown = null): TemplateResult {
  if (only)
    return html`<span class="legend">${key("conflict", "", marked ?? "")} ${key("nobody", "", t("none"))}</span>`;
  return html`<span class="legend">
    ${key("positive", "+", t("positive"))} ${key("negative", "−", t("negative"))}
    ${marked === null ? nothing : key("conflict", "", marked)} ${key("nobody", "", nobody)}
  </span>`;
}

/** What `2 : 1` in the cells of elected signs says; its place stays while cells are too small for it. */
export const votesLegend = (shown: boolean): TemplateResult =>
  html`<span class="legend key number ${shown ? "" : "hidden"}"
    ><b aria-hidden="true">n : m</b>${t("models that keep it with + and with −")}</span
  >`;

/** The strength of a colour as a share of the block under a pixel. */
export function shareLegend(shown: boolean): TemplateResult {
  return html`<span
    class="legend ${shown ? "" : "hidden"}"
    title=${t("A pixel’s strength is the square root of its block’s share")}
  >
    <span class="scale">
      <span class="ramp share" aria-hidden="true"></span>
      <span class="ticks number"><span>0</span><span>25</span><span>100 %</span></span>
    </span>
    ${t("share of the pixel’s block")}
  </span>`;
}

/** The diverging scale of τ_m. */
export function valueLegend(limit: number): TemplateResult {
  const end = formatMagnitude(limit, 0);
  return html`<span class="legend" title=${t("A colour’s strength is the square root of |τ_m| ÷ the scale’s end")}>
    <span class="scale">
      <span class="ramp diverging" aria-hidden="true"></span>
      <span class="ticks number"><span>−${end}</span><span>0</span><span>+${end}</span></span>
    </span>
  </span>`;
}

export const legendStyles = css`
  .legend {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 12px;
    font-size: 0.92em;
  }
  .key {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    white-space: nowrap;
  }
  .swatch {
    display: inline-block;
    width: 12px;
    height: 12px;
    border: 1px solid var(--ties-line);
    color: #000;
    font-size: 11px;
    font-weight: 600;
    line-height: 10px;
    text-align: center;
  }
  .positive {
    background: var(--ties-positive);
  }
  .negative {
    background: var(--ties-negative);
  }
  .conflict {
    background: repeating-linear-gradient(-45deg, transparent 0 3px, rgb(0 0 0 / 0.65) 3px 4px), var(--ties-conflict);
  }
  .nobody {
    background: var(--ties-plot-background);
  }
  .scale {
    display: inline-flex;
    flex-direction: column;
    width: 120px;
  }
  .ramp {
    height: 7px;
    border: 1px solid var(--ties-line);
  }
  /* The ramps are drawn on the scale's own axis: the square root makes the strength linear along √share. */
  .ramp.share {
    background: linear-gradient(to right, var(--ties-plot-background), var(--vscode-foreground));
  }
  .ramp.diverging {
    background: linear-gradient(to right, var(--ties-negative), var(--ties-plot-background), var(--ties-positive));
  }
  .ticks {
    display: flex;
    justify-content: space-between;
    line-height: 1.25;
  }
`;
