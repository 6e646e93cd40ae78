/** Styles of the table of layers. */
import { css } from "lit";

export const layerTableStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--vscode-editor-background);
  }
  .tools {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 14px;
    padding: 8px 12px;
  }
  .tools vscode-text-field {
    flex: 1 1 170px;
    min-width: 100px;
    max-width: 360px;
  }
  .notice {
    flex: 1 0 100%;
  }
  .count {
    margin-left: auto;
    white-space: nowrap;
  }
  .scroller {
    flex: 1;
    min-height: 0;
    overflow: auto;
    border-top: 1px solid var(--ties-line);
  }
  /* Its rows lie over its own edges, and most of those are scrolled out of sight: its place shows the focus. */
  .grid {
    outline: none;
  }
  .scroller:has(> .grid:focus-visible) {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 2;
    background: var(--vscode-editor-background);
    border-bottom: 1px solid var(--ties-line);
  }
  .rows {
    position: relative;
  }
  .row {
    display: grid;
    grid-template-columns: var(--template);
    background: var(--vscode-editor-background);
  }
  .rows .row {
    position: absolute;
    left: 0;
    right: 0;
    height: 24px;
    line-height: 23px;
    cursor: pointer;
  }
  /* Themes may give translucent colours: over the editor's own, so that the sticky name covers what scrolls by. */
  .rows .row:hover {
    background:
      linear-gradient(var(--vscode-list-hoverBackground), var(--vscode-list-hoverBackground)),
      var(--vscode-editor-background);
    color: var(--vscode-list-hoverForeground, inherit);
  }
  .row.group {
    font-weight: 600;
  }
  .row.group .figure {
    font-weight: 400;
  }
  .rows .row.selected {
    background:
      linear-gradient(
        var(--vscode-list-activeSelectionBackground, transparent),
        var(--vscode-list-activeSelectionBackground, transparent)
      ),
      var(--vscode-editor-background);
    color: var(--vscode-list-activeSelectionForeground, inherit);
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .rows .row.selected .muted {
    color: inherit;
  }
  .grid:focus-visible .row.active {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
    z-index: 1;
  }
  /* The name's own background lies over its row's outline. */
  .rows .row.selected .name {
    --edge: var(--vscode-contrastActiveBorder, transparent);
    box-shadow:
      inset 1px 1px var(--edge),
      inset 0 -1px var(--edge);
  }
  .grid:focus-visible .row.active .name {
    --edge: var(--vscode-focusBorder);
    box-shadow:
      inset 1px 1px var(--edge),
      inset 0 -1px var(--edge);
  }
  .cell {
    position: relative;
    min-width: 0;
    overflow: hidden;
  }
  .figure {
    padding: 0 8px;
    font-variant-numeric: tabular-nums;
    text-align: end;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .figure.start {
    text-align: start;
  }
  .figure .value {
    position: relative;
  }
  .bar {
    position: absolute;
    inset: 3px auto 3px 6px;
    max-width: calc(100% - 8px);
    border-radius: 1px;
    background: color-mix(in srgb, var(--bar) 22%, transparent);
  }
  .name {
    position: sticky;
    left: 0;
    z-index: 1;
    display: flex;
    align-items: center;
    gap: 4px;
    padding-left: 8px;
    padding-right: 8px;
    background: inherit;
  }
  .name .text {
    flex: 0 1 auto;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* What every name ends with gives way first. */
  .name .start {
    flex: none;
    max-width: 100%;
  }
  .name .ending {
    flex: 0 1 auto;
    min-width: 0;
    margin-left: -4px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .name .broken {
    flex: 1 1 0;
    min-width: 1.2em;
    overflow: hidden;
    color: var(--vscode-errorForeground, inherit);
    font-size: 0.92em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .row.tensor .level-1 {
    padding-left: 28px;
  }
  .level-2 {
    padding-left: 36px;
  }
  .name .members {
    font-weight: 400;
    font-size: 0.9em;
  }
  .head .cell:first-child {
    position: sticky;
    left: 0;
    z-index: 1;
    background: inherit;
  }
  .head button {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    justify-content: flex-end;
    width: 100%;
    height: 39px;
    padding: 3px 8px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    font-size: 0.92em;
    line-height: 16px;
    cursor: pointer;
  }
  .head .cell.start button {
    align-items: flex-start;
  }
  .head .cell:first-child button {
    padding-left: 12px;
  }
  .head button:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .head .label,
  .head .sub {
    max-width: 100%;
    white-space: nowrap;
  }
  .head .label {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .head .sub {
    display: flex;
    align-items: center;
    gap: 4px;
    min-height: 16px;
  }
  .head .model {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .head .arrow {
    font-size: 0.75em;
  }
  .head .arrow:empty {
    display: none;
  }
  .head .mark {
    width: 7px;
    height: 7px;
  }
  .empty {
    padding: 16px;
  }
`;
