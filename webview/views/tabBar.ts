/** The panel's tabs. Arrow keys move among them, as everywhere in the editor. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { Tab } from "../state/viewState";
import { TABS } from "../state/viewState";
import { formatCount, formatWhole } from "../text/numbers";
import type { InspectorState } from "../state/inspectorState";
import { t } from "../text/translate";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

export function tabName(tab: Tab): string {
  switch (tab) {
    case "overview":
      return t("Overview");
    case "tensors":
      return t("Tensors");
  }
}

class TabBar extends SessionElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        flex: none;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0 16px;
        padding: 0 14px;
        border-bottom: 1px solid var(--ties-line);
      }
      .tabs {
        display: flex;
        gap: 22px;
      }
      [role="tab"] {
        padding: 7px 0 6px;
        border: 0;
        border-bottom: 2px solid transparent;
        background: none;
        color: var(--ties-muted);
        font: inherit;
        cursor: pointer;
      }
      [role="tab"]:hover {
        color: var(--vscode-foreground);
      }
      [role="tab"][aria-selected="true"] {
        border-bottom-color: var(--vscode-panelTitle-activeBorder, var(--vscode-focusBorder));
        color: var(--vscode-foreground);
      }
      .summary {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  protected override drawsFrom({ opened, view }: Readonly<InspectorState>): readonly unknown[] {
    return [opened, view.tab];
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const { tab: chosen } = session.state.view;
    return html`
      <div
        class="tabs"
        role="tablist"
        aria-label=${t("Views")}
        @keydown=${(event: KeyboardEvent): void => this.onKey(event)}
      >
        ${TABS.map(
          (tab) =>
            html`<button
              role="tab"
              aria-selected=${tab === chosen ? "true" : "false"}
              tabindex=${tab === chosen ? "0" : "-1"}
              @click=${(): void => session.setView({ tab })}
            >
              ${tabName(tab)}
            </button>`,
        )}
      </div>
      <span class="summary muted number"
        >${t("{tensors} tensors · {parameters} parameters", {
          tensors: formatWhole(opened.tensors.length),
          parameters: formatCount(opened.parameters),
        })}</span
      >
    `;
  }

  private onKey(event: KeyboardEvent): void {
    const { session } = this;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!session || step === undefined) return;
    event.preventDefault();
    const at = (TABS.indexOf(session.state.view.tab) + step + TABS.length) % TABS.length;
    session.setView({ tab: TABS[at] });
    this.renderRoot.querySelectorAll<HTMLElement>("[role=tab]")[at]?.focus();
  }
}

customElements.define("ties-tab-bar", TabBar);
