/** The legend of the model map: colours from 0 to the scale's end, with their unit, and the end itself. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { Statistic } from "../statistics/statistic";
import { formatStatistic } from "../statistics/statistic";
import { t } from "../text/translate";
import { checkbox, numberField } from "../ui/controls";

export interface MapLegendOptions {
  statistic: Statistic;
  end: number;
  fixed: boolean;
  /** Some value lies beyond the end. */
  beyond: boolean;
  /** Some cell is not counted yet. */
  pending: boolean;
  /** Some cell is estimated. */
  sampled: boolean;
  /** Null: the end follows the values. */
  onFix: (end: number | null) => void;
}

/** Ends of shares are typed as percentages. */
const factor = ({ unit }: Statistic): number => (unit === "share" ? 100 : 1);

/** Of a tick: round numbers need no decimals. */
export function tick({ unit }: Pick<Statistic, "unit">, value: number): string {
  if (value === 0) return "0";
  if (unit === "share") return `${Number((value * 100).toPrecision(3))} %`;
  return unit === "norm" ? formatStatistic(unit, value) : String(Number(value.toPrecision(3)));
}

export function mapLegend({
  statistic,
  end,
  fixed,
  beyond,
  pending,
  sampled,
  onFix,
}: MapLegendOptions): TemplateResult {
  const times = factor(statistic);
  return html`<div class="map-legend">
    <span class="scale" role="img" aria-label=${t("Colours from 0 to {end}", { end: tick(statistic, end) })}>
      <span class="ramp"></span>
      <span class="ticks number"
        ><span>0</span><span>${tick(statistic, end / 2)}</span
        ><span>${beyond ? "≥ " : ""}${tick(statistic, end)}</span></span
      >
    </span>
    ${
      pending
        ? html`<span class="key"><span class="swatch" aria-hidden="true"></span>${t("not counted yet")}</span>`
        : nothing
    }
    ${
      sampled
        ? html`<span class="key"
            ><span class="swatch estimated" aria-hidden="true"></span>${t("≈ estimated from a sample")}</span
          >`
        : nothing
    }
    <span class="fix">
      ${checkbox({ label: t("Fix the scale"), checked: fixed, onChange: (checked) => onFix(checked ? end : null) })}
      ${
        fixed
          ? html`${numberField({
              label: t("End of the scale"),
              value: Number((end * times).toPrecision(6)),
              min: 0,
              onChange: (typed) => onFix(typed / times),
            })}${times === 100 ? " %" : ""}`
          : nothing
      }
    </span>
  </div>`;
}

export const hatch = css`repeating-linear-gradient(135deg, var(--ties-hatch) 0 1px, transparent 1px 5px)`;

/** Over what is estimated: a second channel beside the sign ≈, in the ink of the cell. */
export const dots = css`radial-gradient(circle at 2px 2px, color-mix(in srgb, currentColor 75%, transparent) 0.8px, transparent 1px)`;

export const mapLegendStyles = css`
  .map-legend {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 18px;
    font-size: 0.92em;
  }
  .scale {
    display: inline-flex;
    flex-direction: column;
    width: 190px;
  }
  .ramp {
    height: 9px;
    border: 1px solid var(--ties-line);
    background: linear-gradient(
      to right in oklab,
      var(--ties-scale-0),
      var(--ties-scale-1),
      var(--ties-scale-2),
      var(--ties-scale-3),
      var(--ties-scale-4)
    );
  }
  .ticks {
    display: flex;
    justify-content: space-between;
    line-height: 1.3;
  }
  .key {
    display: inline-flex;
    align-items: center;
    gap: 5px;
  }
  .swatch {
    width: 14px;
    height: 12px;
    border: 1px solid var(--ties-line);
    background: ${hatch};
  }
  .swatch.estimated {
    background: ${dots} 0 0 / 5px 5px var(--ties-scale-2);
    color: var(--ties-scale-ink-low);
  }
  .fix {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 26px;
  }
`;
