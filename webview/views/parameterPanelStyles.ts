/** Styles of the panel that explains one parameter. */
import { css } from "lit";

export const parameterPanelStyles = css`
  :host {
    display: block;
  }
  section {
    padding-top: 0;
  }
  h3 vscode-button {
    vertical-align: middle;
  }
  h4 {
    margin: 14px 0 4px;
    font-size: 1em;
    font-weight: 600;
  }
  p {
    line-height: 1.5;
    overflow-wrap: anywhere;
  }
  .hint {
    margin-bottom: 8px;
  }
  .place {
    font-weight: 400;
  }
  .line,
  .keys {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 3px 12px;
    margin: 0;
  }
  .line {
    padding: 3px 0;
    border-top: 1px solid var(--ties-line);
    border-bottom: 1px solid var(--ties-line);
  }
  dd {
    margin: 0;
  }
  .line dd {
    text-align: end;
  }
  .keys {
    font-size: 0.92em;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 0.9em;
    table-layout: auto;
  }
  th,
  td {
    padding: 2px 0 2px 4px;
    border-bottom: 1px solid var(--ties-line);
    font-weight: 400;
    text-align: end;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  thead th {
    color: var(--ties-muted);
    font-size: 0.92em;
  }
  th:first-child {
    max-width: 76px;
    padding-left: 0;
    overflow: hidden;
    text-align: start;
    text-overflow: ellipsis;
  }
  .trimmed .verdict {
    color: var(--ties-muted);
  }
  .verdict {
    font-weight: 600;
    white-space: normal;
  }
  .trimmed .verdict {
    font-weight: 400;
  }
  .plus,
  .minus,
  .conflict,
  .outvoted {
    text-decoration-line: underline;
    text-decoration-thickness: 2px;
    text-underline-offset: 3px;
  }
  td.plus,
  td.minus {
    text-decoration: none;
  }
  .plus {
    text-decoration-color: var(--ties-positive);
  }
  .minus {
    text-decoration-color: var(--ties-negative);
  }
  .conflict {
    text-decoration-color: var(--ties-conflict);
  }
  .outvoted {
    text-decoration: none;
    padding-left: 8px;
    border-left: 3px solid var(--ties-conflict);
  }
  .note {
    margin-top: 4px;
    font-size: 0.85em;
    line-height: 1.35;
  }
  .result-column {
    display: inline-block;
    min-width: 6.5em;
  }
  .stale {
    opacity: 0.6;
  }
`;
