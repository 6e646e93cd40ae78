/** Styles of the strips of lost mass. */
import { css } from "lit";
import { hatch } from "./mapLegend";

export const lossViewStyles = css`
  /* Estimated from a sample: outlines, not bars. */
  .estimated path {
    fill-opacity: 0.45;
  }
  :host {
    display: block;
    min-width: 0;
  }
  .none {
    margin-top: 8px;
  }
  .strips {
    display: grid;
    grid-template-columns: minmax(4em, max-content) minmax(0, 1fr) minmax(5.2em, max-content);
    gap: 6px 10px;
    align-items: stretch;
    margin-top: 6px;
    padding: 2px;
    touch-action: pan-y;
  }
  .strips:focus-visible {
    outline-offset: 2px;
  }
  .model {
    display: flex;
    align-items: center;
    gap: 6px;
    min-width: 0;
    max-width: 9em;
  }
  .model span:last-child {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .unit {
    grid-column: 1 / 3;
    justify-self: start;
    align-self: end;
    font-size: 0.88em;
  }
  .unit::before {
    content: "↥ ";
  }
  .unit:empty::before {
    content: none;
  }
  .place {
    overflow: hidden;
    font-size: 0.88em;
    text-align: end;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .figure {
    align-self: center;
    text-align: end;
  }
  .strip {
    position: relative;
    height: 34px;
    border-bottom: 1px solid var(--ties-muted);
    background:
      linear-gradient(var(--ties-track), var(--ties-track)) top / 100% 1px no-repeat,
      linear-gradient(var(--ties-track), var(--ties-track)) center / 100% 1px no-repeat;
  }
  .many {
    row-gap: 3px;
  }
  .many .strip {
    height: 20px;
  }
  .strip.pending {
    background: ${hatch};
  }
  .strip svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .strip.pointed::after {
    content: "";
    position: absolute;
    top: -4px;
    bottom: -3px;
    left: calc(var(--at) * 100%);
    border-left: 1px solid var(--ties-plot-crosshair);
  }
  .axis {
    grid-column: 2;
    display: flex;
    justify-content: space-between;
    margin-top: -3px;
    font-size: 0.88em;
  }
  .as-table {
    margin-top: 4px;
    padding: 0;
    border: 0;
    background: none;
    color: var(--vscode-textLink-foreground);
    font: inherit;
    cursor: pointer;
  }
  .table {
    max-height: 320px;
    margin-top: 6px;
    overflow: auto;
  }
  table {
    border-collapse: collapse;
  }
  th,
  td {
    padding: 2px 10px;
    border-bottom: 1px solid var(--ties-line);
    font-weight: normal;
    text-align: end;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  tr > :first-child {
    padding-left: 0;
    text-align: start;
  }
  @media print {
    .as-table {
      display: none;
    }
    .table {
      max-height: none;
      overflow: visible;
    }
  }
`;
