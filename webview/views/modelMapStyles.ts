/** Styles of the model map. */
import { css } from "lit";
import { dots, hatch } from "./mapLegend";

export const modelMapStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    margin: 4px 0 8px;
  }
  .scroller {
    flex: 0 1 auto;
    min-height: 0;
    overflow: auto;
    scrollbar-gutter: stable;
  }
  .grid {
    position: relative;
    min-width: calc(6.4em + var(--columns) * 17px);
  }
  .head,
  .row {
    display: grid;
    grid-template-columns: 6.4em repeat(var(--columns), minmax(0, 1fr));
    column-gap: 3px;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 2;
    height: 22px;
    align-items: end;
    background: var(--vscode-editor-background);
    color: var(--ties-muted);
    font-size: 0.88em;
    line-height: 20px;
  }
  .head [role="columnheader"] {
    overflow: hidden;
    text-align: center;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .rows {
    position: relative;
  }
  .row {
    position: absolute;
    left: 0;
    right: 0;
    contain: layout size style;
    height: calc(var(--row) - 3px);
    line-height: calc(var(--row) - 3px);
  }
  .name {
    position: sticky;
    left: 0;
    z-index: 1;
    overflow: hidden;
    padding: 0 6px 0 4px;
    border-radius: 2px;
    background: var(--vscode-editor-background);
    font-size: 0.88em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .name.layer {
    cursor: pointer;
  }
  .name.outer {
    color: var(--ties-muted);
  }
  .name.layer:hover {
    text-decoration: underline;
  }
  .name[aria-selected="true"] {
    background: var(--vscode-list-activeSelectionBackground, var(--vscode-editor-background));
    color: var(--vscode-list-activeSelectionForeground, inherit);
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  /* Cells change many times a second: none is laid out because of another. */
  .cell {
    contain: strict;
    overflow: hidden;
    border-radius: 2px;
    text-align: center;
    cursor: pointer;
  }
  .pending {
    background: ${hatch};
    box-shadow: inset 0 0 0 1px var(--ties-track);
  }
  /* Estimated from a sample: along one edge, so that the figure stays readable. */
  .estimated {
    background-image: ${dots};
    background-position: left bottom;
    background-size: 4px 3px;
    background-repeat: repeat-x;
  }
  /* Counted, and there is no such figure. */
  .nothing {
    box-shadow: inset 0 0 0 1px var(--ties-track);
    color: var(--ties-muted);
  }
  .broken.nothing {
    box-shadow: inset 0 0 0 1px var(--vscode-errorForeground, var(--ties-conflict));
  }
  .broken.nothing .figure {
    color: var(--vscode-errorForeground, inherit);
  }
  .cell:hover,
  .cell[aria-selected="true"] {
    outline: 2px solid var(--ties-plot-crosshair);
    outline-offset: -2px;
  }
  .cell[aria-selected="true"] {
    box-shadow: inset 0 0 0 3px var(--ties-plot-halo);
  }
  .cell:focus-visible,
  .name:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: 1px;
    z-index: 1;
  }
  /* Outside the layers a cell stands under kinds of module that are not its own. */
  .cell[data-name] {
    display: flex;
    justify-content: center;
    gap: 8px;
    padding: 0 6px;
  }
  .cell[data-name]::before {
    content: attr(data-name);
    overflow: hidden;
    font-size: 0.82em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .figure {
    font-size: 0.82em;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .narrow:not(.broken.nothing) .figure {
    display: none;
  }
  .below {
    flex: none;
    display: flex;
    flex-direction: column;
    gap: 6px;
    padding-top: 8px;
  }
  .readout {
    min-height: 3.1em;
    line-height: 1.5;
  }
  .readout .line {
    display: flex;
    flex-wrap: wrap;
    gap: 0 14px;
  }
  .readout .tensor {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media print {
    .scroller {
      overflow: visible;
    }
    .head {
      position: static;
    }
    /* In the flow, so that pages end between two of them. */
    .grid .rows {
      height: auto !important;
    }
    .grid .row {
      position: static;
      margin-bottom: 3px;
      break-inside: avoid;
    }
    .readout,
    .fix {
      display: none;
    }
  }
`;
