/** Styles of the pairs' matrix. */
import { css } from "lit";
import { hatch } from "./mapLegend";

export const pairsViewStyles = css`
  :host {
    display: block;
    min-width: 0;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    margin: 6px 0;
  }
  .none {
    margin-top: 8px;
  }
  .scroller {
    overflow-x: auto;
  }
  table {
    border-collapse: separate;
    border-spacing: 3px;
    margin: 0 0 0 -3px;
  }
  th {
    max-width: 8em;
    overflow: hidden;
    padding: 0 6px 0 0;
    font-weight: normal;
    text-align: start;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  th .mark {
    margin-right: 5px;
  }
  thead th {
    max-width: 5.4em;
    padding: 0 2px;
    font-size: 0.92em;
    text-align: center;
  }
  td {
    width: 5em;
    min-width: 4.3em;
    height: 30px;
    padding: 0 4px;
    border-radius: 2px;
    font-variant-numeric: tabular-nums;
    text-align: center;
    white-space: nowrap;
  }
  @media (min-width: 700px) {
    thead th {
      max-width: 6.6em;
    }
    td {
      width: 6.2em;
    }
  }
  thead td {
    height: auto;
  }
  .self {
    background: var(--ties-track);
  }
  .pending {
    background: ${hatch};
  }
  .nothing {
    box-shadow: inset 0 0 0 1px var(--ties-track);
    color: var(--ties-muted);
  }
  .cosine {
    background: color-mix(in srgb, var(--sign) var(--strength), var(--ties-plot-background));
    color: var(--ties-pair-ink);
    box-shadow: inset 0 0 0 1px var(--ties-track);
  }
  .legends {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 24px;
    margin-top: 6px;
    font-size: 0.92em;
  }
  .legend {
    display: inline-grid;
    width: 130px;
  }
  .ramp {
    height: 8px;
    border: 1px solid var(--ties-line);
  }
  .sequential {
    background: linear-gradient(
      to right in oklab,
      var(--ties-scale-0),
      var(--ties-scale-1),
      var(--ties-scale-2),
      var(--ties-scale-3),
      var(--ties-scale-4)
    );
  }
  .diverging {
    background: linear-gradient(
      to right,
      color-mix(in srgb, var(--ties-negative) 60%, var(--ties-plot-background)),
      var(--ties-plot-background),
      color-mix(in srgb, var(--ties-positive) 60%, var(--ties-plot-background))
    );
  }
  .ticks {
    display: flex;
    justify-content: space-between;
    line-height: 1.3;
  }
  @media print {
    .scroller {
      overflow: visible;
    }
  }
`;
