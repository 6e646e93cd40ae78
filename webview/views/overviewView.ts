/** The whole model at a glance: the map, who loses, the pairs, the totals. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { InspectorState } from "../state/inspectorState";
import type { Session } from "../state/session";
import { t } from "../text/translate";
import { shownMethod, withoutElectionNote } from "../text/withoutElection";
import "./curvesView";
import "./lossView";
import "./modelMap";
import "./pairsView";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";
import "./totalsView";

class OverviewView extends SessionElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        container: overview / inline-size;
        min-height: 0;
        overflow: auto;
      }
      .method {
        margin: 10px 14px 0;
        padding: 6px 10px;
        border-inline-start: 3px solid var(--ties-conflict);
        background: var(--ties-track);
      }
      .sections {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 24px;
        padding: 12px 14px 20px;
      }
      .map {
        display: flex;
        flex-direction: column;
        min-width: 0;
        max-height: 92vh;
      }
      .map ties-model-map {
        flex: 0 1 auto;
      }
      .beside {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 24px;
        align-content: start;
        min-width: 0;
      }
      @container overview (min-width: 860px) {
        .sections {
          grid-template-columns: minmax(0, 11fr) minmax(0, 10fr);
          column-gap: 32px;
        }
        /* As tall as the panel, while the rest scrolls by. */
        .map {
          position: sticky;
          top: 12px;
          align-self: start;
          max-height: calc(100vh - var(--ties-above, 108px));
        }
      }
      @container overview (min-width: 1500px) {
        .sections {
          grid-template-columns: minmax(0, 5fr) minmax(0, 8fr);
        }
        .beside {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
          column-gap: 32px;
        }
        .wide {
          grid-column: 1 / -1;
        }
      }
      @media print {
        :host {
          overflow: visible;
        }
        .sections .map {
          position: static;
          max-height: none;
        }
        .beside > * {
          break-inside: avoid;
        }
      }
    `,
  ];

  protected override drawsFrom(state: Readonly<InspectorState>): readonly unknown[] {
    const { opened, connection, report } = state;
    return [opened, connection.kind, report, shownMethod(state)];
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const note = withoutElectionNote(shownMethod(session.state));
    return html`${note === null ? nothing : html`<p class="method" role="note">${note}</p>`}
      <div class="sections">
        <section class="map" aria-label=${t("Model map")}>
          <h2>${t("Where the models disagree")}</h2>
          <p class="muted">
            ${t("Layers and kinds of module. A cell opens its tensor, a layer’s name shows its pairs.")}
          </p>
          <ties-model-map .session=${session}></ties-model-map>
        </section>
        ${session.state.connection.kind === "opening" ? nothing : this.renderBeside(session)}
      </div>`;
  }

  /** Of this nothing is there before the models are: the map is drawn without it the sooner. */
  private renderBeside(session: Session): TemplateResult {
    return html`<div class="beside">
      <ties-loss-view .session=${session}></ties-loss-view>
      <ties-pairs-view .session=${session}></ties-pairs-view>
      ${session.state.report ? nothing : html`<ties-curves class="wide" .session=${session}></ties-curves>`}
      <ties-totals class="wide" .session=${session}></ties-totals>
    </div>`;
  }
}

customElements.define("ties-overview", OverviewView);
