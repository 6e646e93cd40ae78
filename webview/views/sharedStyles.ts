/** Styles that several views share. */
import { css } from "lit";
import { controlStyles } from "../ui/controls";

export const sharedStyles = css`
  ${controlStyles}
  /* Not inherited: what asks for its parent's makes Chromium's search for equal styles longer with every change. */
  :host,
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3 {
    margin: 0;
    font-size: 1em;
    font-weight: 600;
  }
  p {
    margin: 0;
  }
  .muted {
    color: var(--ties-muted);
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
`;
