/** What is done about checkpoints that are not quite alike: a line each, folded where they are many. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { formatWhole } from "../text/numbers";
import type { InspectorState } from "../state/inspectorState";
import { t } from "../text/translate";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

/** Notes that are read without unfolding them. */
const MOST_OPEN = 2;

class SetNotes extends SessionElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        flex: none;
        display: block;
      }
      details {
        max-height: 30vh;
        padding: 5px 14px;
        border-bottom: 1px solid var(--ties-line);
        overflow: auto;
        font-size: 0.92em;
        overflow-wrap: anywhere;
      }
      @media print {
        details {
          max-height: none;
          overflow: visible;
        }
      }
      ul {
        margin: 2px 0;
        padding-left: 18px;
      }
    `,
  ];

  protected override drawsFrom({ opened }: Readonly<InspectorState>): readonly unknown[] {
    return [opened];
  }

  override render(): TemplateResult | typeof nothing {
    const notes = this.session?.state.opened?.notes ?? [];
    if (notes.length === 0) return nothing;
    return html`<aside aria-label=${t("Notes on this set")}>
      <details ?open=${notes.length <= MOST_OPEN}>
        <summary>${t("Notes on this set: {count}", { count: formatWhole(notes.length) })}</summary>
        <ul>
          ${notes.map((note) => html`<li>${note}</li>`)}
        </ul>
      </details>
    </aside>`;
  }
}

customElements.define("ties-set-notes", SetNotes);
