/** Styles of the top bar. */
import { css } from "lit";

export const mergeSetBarStyles = css`
  :host {
    flex: none;
    display: block;
    border-bottom: 1px solid var(--ties-line);
    background: var(--vscode-sideBar-background, var(--vscode-editor-background));
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-end;
    gap: 8px 20px;
    padding: 8px 14px 9px;
  }
  /* Fields and actions share the lines of the bar. */
  dl {
    display: contents;
  }
  .field {
    min-width: 0;
  }
  .models {
    flex: 0 1 auto;
  }
  dt {
    margin-bottom: 3px;
    color: var(--ties-muted);
    font-size: 0.85em;
    white-space: nowrap;
  }
  dd {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 6px;
    min-height: 24px;
    margin: 0;
  }
  .models dd {
    /* Four lines; of the fifth so much that one sees that there is more. */
    max-height: 130px;
    overflow: auto;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    max-width: min(100%, 320px);
    box-sizing: border-box;
    padding: 2px 8px;
    border: 1px solid var(--ties-line);
    border-radius: 3px;
    background: var(--vscode-editor-background);
    line-height: 18px;
    white-space: nowrap;
  }
  .chip b {
    overflow: hidden;
    font-weight: 500;
    text-overflow: ellipsis;
  }
  /* Where there is room for both, the fields have lines of their own beside the actions. */
  @media (min-width: 1700px) {
    header {
      flex-wrap: nowrap;
    }
    dl {
      flex: 1 1 0;
      display: flex;
      flex-wrap: wrap;
      align-items: flex-end;
      gap: 8px 14px;
      min-width: 0;
      margin: 0;
    }
    .actions {
      flex: none;
    }
  }
  .actions {
    display: flex;
    margin-inline-start: auto;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  @media print {
    .models dd {
      max-height: none;
      overflow: visible;
    }
    ties-export-menu {
      display: none;
    }
  }
  /* Its place stays: the first move of a slider must not lay out the page anew. */
  .absent {
    visibility: hidden;
  }
  @media (max-width: 700px) {
    .absent {
      display: none;
    }
  }
  .chip.off {
    border-style: dashed;
    color: var(--ties-muted);
  }
  .chip.off b {
    text-decoration: line-through;
  }
  .chip input[type="checkbox"] {
    margin: 0;
    accent-color: var(--vscode-button-background, var(--vscode-focusBorder));
  }
  input[type="number"] {
    width: 4.6em;
    height: 20px;
    padding: 0 2px;
  }
  .now {
    color: var(--vscode-foreground);
    font-weight: 500;
  }
  .by-layer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    padding: 0 14px 9px;
  }
`;
