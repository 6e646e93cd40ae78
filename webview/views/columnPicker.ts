/** Which columns the table shows: a button and the list it opens. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { DEFAULT_FAMILIES, tableColumns } from "../table/columns";
import { t } from "../text/translate";
import { shownMethod } from "../text/withoutElection";
import { checkbox } from "../ui/controls";
import { icon } from "../ui/icons";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

class ColumnPicker extends SessionElement {
  static override properties = { ...SessionElement.properties, open: { state: true } };
  static override styles = [
    sharedStyles,
    css`
      :host {
        position: relative;
        display: inline-block;
      }
      .opener {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        padding: 3px 6px;
        border: 1px solid transparent;
        border-radius: 4px;
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
      .opener:hover,
      .opener[aria-expanded="true"] {
        background: var(--vscode-toolbar-hoverBackground, var(--vscode-list-hoverBackground));
      }
      .list {
        position: absolute;
        top: calc(100% + 2px);
        right: 0;
        z-index: 10;
        display: flex;
        flex-direction: column;
        gap: 1px;
        width: max-content;
        max-width: 84vw;
        max-height: 60vh;
        padding: 8px 12px;
        overflow: auto;
        border: 1px solid var(--ties-line);
        border-radius: 5px;
        background: var(--vscode-menu-background, var(--vscode-editor-background));
        color: var(--vscode-menu-foreground, inherit);
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      }
      .usual {
        align-self: flex-start;
        margin-top: 6px;
        padding: 0;
        border: 0;
        background: none;
        color: var(--vscode-textLink-foreground);
        font: inherit;
        cursor: pointer;
      }
    `,
  ];

  declare open: boolean;

  constructor() {
    super();
    this.open = false;
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    return html`<div @keydown=${(event: KeyboardEvent): void => this.onKey(event)} @focusout=${this.onFocusOut}>
      <button
        class="opener"
        aria-expanded=${this.open ? "true" : "false"}
        @click=${(): void => {
          this.open = !this.open;
        }}
      >
        ${icon("columns")}${t("Columns")}
      </button>
      ${this.open ? this.renderList() : nothing}
    </div>`;
  }

  private renderList(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const chosen = session.state.view.columns ?? DEFAULT_FAMILIES;
    const families = new Map(
      tableColumns(opened.set.models, shownMethod(session.state)).map((column) => [column.family, column]),
    );
    families.delete("name");
    return html`<div class="list" role="group" aria-label=${t("Columns")} tabindex="-1">
      ${[...families.values()].map(
        ({ family, label, models, hint }) =>
          html`<span title=${models.length === 0 ? hint : ""}
            >${checkbox({
              label,
              checked: chosen.includes(family),
              onChange: (checked) =>
                session.setView({
                  columns: checked ? [...chosen, family] : chosen.filter((candidate) => candidate !== family),
                }),
            })}</span
          >`,
      )}
      <button class="usual" @click=${(): void => session.setView({ columns: null })}>${t("The usual columns")}</button>
    </div>`;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.open) return;
    event.preventDefault();
    this.open = false;
    this.renderRoot.querySelector<HTMLElement>(".opener")?.focus();
  }

  private onFocusOut = (event: FocusEvent): void => {
    if (event.relatedTarget instanceof Node && this.renderRoot.contains(event.relatedTarget)) return;
    this.open = false;
  };
}

customElements.define("ties-column-picker", ColumnPicker);
