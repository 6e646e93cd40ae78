/** What went wrong, in the place where the result would stand, with a way on. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { describeFailure } from "../text/describe";
import { t } from "../text/translate";
import { button } from "../ui/controls";

export interface ErrorBoxOptions {
  retry?: () => void;
  showLog: () => void;
  dismiss?: () => void;
}

export const errorBox = (error: unknown, options: ErrorBoxOptions): TemplateResult =>
  messageBox(describeFailure(error), options);

export function messageBox(message: string, { retry, showLog, dismiss }: ErrorBoxOptions): TemplateResult {
  return html`<div class="error-box" role="alert">
    <p>${message}</p>
    <div class="error-actions">
      ${retry ? button({ label: t("Retry"), onClick: retry }) : nothing}
      <span class="host-only">${button({ label: t("Show Log"), onClick: showLog })}</span>
      ${dismiss ? button({ label: t("Dismiss"), onClick: dismiss }) : nothing}
    </div>
  </div>`;
}

export const errorBoxStyles = css`
  .error-box {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    padding: 8px 12px;
    border: 1px solid var(--vscode-inputValidation-errorBorder, var(--vscode-contrastBorder));
    background: var(--vscode-inputValidation-errorBackground, transparent);
    color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
  }
  .error-box p {
    flex: 1 1 240px;
    overflow-wrap: anywhere;
  }
  .host-only {
    display: var(--ties-host-only, inline);
  }
  .error-actions {
    display: flex;
    gap: 8px;
  }
`;
