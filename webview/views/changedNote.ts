/** Files that have changed since the set was opened: every figure is of what they were, until the set is reloaded. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { ChangedFile } from "../../src/protocol/inspector";
import { t } from "../text/translate";
import { button } from "../ui/controls";
import { errorBoxStyles } from "./errorBox";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

/** Files that are named before the rest is counted. */
const MOST_NAMED = 4;

class ChangedNote extends SessionElement {
  static override styles = [
    sharedStyles,
    errorBoxStyles,
    css`
      :host {
        flex: none;
        display: block;
      }
      .error-box {
        margin: 8px 12px 0;
        border-color: var(--vscode-inputValidation-warningBorder, var(--vscode-contrastBorder));
        background: var(--vscode-inputValidation-warningBackground, transparent);
        color: var(--vscode-inputValidation-warningForeground, var(--vscode-foreground));
      }
      .text {
        flex: 1 1 300px;
        overflow-wrap: anywhere;
      }
      ul {
        margin: 2px 0 0;
        padding-left: 18px;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const changed = session?.state.changedFiles ?? [];
    if (!session || changed.length === 0) return nothing;
    const more = changed.length - MOST_NAMED;
    return html`<div class="error-box" role="alert">
      <div class="text">
        <b>⚠ ${t("Files have changed since this set was opened: what is shown is of their old contents.")}</b>
        <ul>
          ${changed.slice(0, MOST_NAMED).map((file) => html`<li title=${file.path}>${fileText(file)}</li>`)}
          ${more > 0 ? html`<li>${t("and {count} more", { count: more })}</li>` : nothing}
        </ul>
      </div>
      ${button({
        label: t("Reload"),
        title: t("Read the files as they are now, and count anew"),
        primary: true,
        onClick: () => void session.reload(),
      })}
    </div>`;
  }
}

function fileText({ model, path, gone }: ChangedFile): string {
  const names = { model: model ?? t("base"), file: path.split(/[\\/]/).pop() ?? path };
  return gone ? t("{model}: {file} is there no more", names) : t("{model}: {file}", names);
}

customElements.define("ties-changed-note", ChangedNote);
