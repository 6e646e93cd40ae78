/** The panel: the merge set above, the table of tensors beside the totals and the chosen tensor. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { INSPECTOR_PROTOCOL_VERSION } from "../../src/protocol/inspector";
import { listedTensors } from "../overview/listedTensors";
import type { InspectorState, TensorEntry } from "../state/inspectorState";
import type { Session } from "../state/session";
import { MAX_TABLE_SHARE, MIN_TABLE_SHARE } from "../state/viewState";
import { t } from "../text/translate";
import { progressRing } from "../ui/controls";
import { errorBox, errorBoxStyles, messageBox } from "./errorBox";
import "./brokenNote";
import "./changedNote";
import "./layerTable";
import "./mergeSetBar";
import "./overviewView";
import "./reportNote";
import "./reportTitle";
import "./setNotes";
import { SessionElement } from "./sessionElement";
import { setStyle } from "./setStyle";
import { sharedStyles } from "./sharedStyles";
import { tabName } from "./tabBar";
import "./tensorView";
import "./totalsView";

const SPLIT_STEP = 0.02;

class InspectorApp extends SessionElement {
  static override styles = [
    sharedStyles,
    errorBoxStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        container: app / inline-size;
        min-width: 0;
      }
      .page {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 24px;
      }
      .page .error-box {
        flex: 1;
      }
      .strip {
        flex: none;
        padding: 8px 12px 0;
      }
      main,
      .panel {
        flex: 1;
        display: flex;
        min-width: 0;
        min-height: 0;
      }
      main:not(.page) {
        flex-direction: column;
      }
      ties-overview,
      ties-layer-table.alone {
        flex: 1;
        min-width: 0;
      }
      ties-layer-table.beside {
        flex: none;
        width: calc(var(--table-share) * 100%);
        min-width: 200px;
      }
      .splitter {
        flex: none;
        width: 5px;
        margin: 0 -2px;
        z-index: 2;
        cursor: col-resize;
        touch-action: none;
        background: linear-gradient(to right, transparent 2px, var(--ties-line) 2px 3px, transparent 3px);
      }
      .splitter:hover,
      .splitter:focus-visible {
        outline: none;
        background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder));
      }
      .detail {
        /* What is hidden in it scrolls with it, and does not lengthen the page. */
        position: relative;
        flex: 1;
        min-width: 0;
        overflow: auto;
        scrollbar-gutter: stable;
      }
      @media print {
        :host,
        main:not(.page),
        .panel {
          display: block;
        }
        ties-tab-bar,
        .splitter {
          display: none;
        }
        .detail {
          overflow: visible;
        }
      }
      @container app (max-width: 760px) {
        main,
        .panel {
          flex-direction: column;
          min-height: auto;
        }
        ties-layer-table.alone {
          height: 80vh;
        }
        ties-layer-table.beside {
          width: 100%;
          height: 46vh;
          min-height: 220px;
          border-bottom: 1px solid var(--ties-line);
        }
        .splitter {
          display: none;
        }
        .detail {
          overflow: visible;
        }
      }
    `,
  ];

  protected override drawsFrom(state: Readonly<InspectorState>): readonly unknown[] {
    const { opened, connection, phase, sample, commandFailure, changedFiles, view, report } = state;
    const failures = [phase, sample].map((of) => (of.kind === "failed" ? of : null));
    return [
      opened,
      connection,
      report,
      ...failures,
      commandFailure,
      changedFiles,
      view.tab,
      view.tensor,
      view.tableShare,
    ];
  }

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    const { state } = session;
    const { opened } = state;
    const { kind } = state.connection;
    if (!opened || (kind !== "open" && kind !== "opening")) return this.renderPage(state);
    const showLog = (): void => void session.run("showLog");
    // While the models are opened there is nothing to draw of a tensor.
    const tensor = kind === "open" ? listedTensors(opened).find(({ name }) => name === state.view.tensor) : undefined;
    return html`
      ${state.report ? html`<ties-report-title .session=${session}></ties-report-title>` : nothing}
      <ties-merge-set-bar .session=${session}></ties-merge-set-bar>
      <ties-report-note .session=${session}></ties-report-note>
      <ties-changed-note .session=${session}></ties-changed-note>
      <ties-broken-note .session=${session}></ties-broken-note>
      <ties-set-notes .session=${session}></ties-set-notes>
      ${this.renderStrip(state, showLog)}
      <main aria-busy=${kind === "opening" ? "true" : nothing}>
        ${state.report ? nothing : html`<h1 class="visually-hidden">${t("Where the models interfere")}</h1>`}
        <ties-tab-bar .session=${session}></ties-tab-bar>
        <div class="panel" role="tabpanel" aria-label=${tabName(state.view.tab)}>
          ${
            state.view.tab === "overview"
              ? html`<ties-overview .session=${session}></ties-overview>`
              : this.renderTensors(session, tensor)
          }
        </div>
      </main>
    `;
  }

  /** The table alone, until a tensor is chosen whose pictures stand beside it. */
  private renderTensors(session: Session, tensor: TensorEntry | undefined): TemplateResult {
    const { tableShare } = session.state.view;
    return html`<ties-layer-table
        class=${tensor ? "beside" : "alone"}
        .session=${session}
        ${setStyle({ "--table-share": String(tableShare) })}
      ></ties-layer-table>
      ${
        tensor
          ? html`${this.renderSplitter(tableShare)}
              <div class="detail">
                <ties-totals .session=${session} compact></ties-totals>
                <ties-tensor-view .session=${session} .tensor=${tensor}></ties-tensor-view>
              </div>`
          : nothing
      }`;
  }

  private renderPage({ connection }: InspectorState): TemplateResult {
    const showLog = (): void => void this.session?.run("showLog");
    switch (connection.kind) {
      case "mismatch":
        return html`<main class="page">
          <div class="error-box" role="alert">
            <p>
              ${t(
                "This panel and the extension are of different versions (panel {panel}, extension {extension}). Reload the window to bring them together.",
                { panel: INSPECTOR_PROTOCOL_VERSION, extension: connection.hostVersion },
              )}
            </p>
          </div>
        </main>`;
      case "silent":
        return html`<main class="page">
          ${messageBox(t("The extension does not answer. Try again, or reload the window."), {
            retry: () => void this.session?.start(),
            showLog,
          })}
        </main>`;
      case "failed":
        return html`<main class="page">
          ${errorBox(connection.error, { retry: () => void this.session?.open(), showLog })}
        </main>`;
      default:
        return html`<main class="page" aria-busy="true">
          ${progressRing(t("Opening"))} <span>${t("Reading the checkpoints’ headers…")}</span>
        </main>`;
    }
  }

  private renderStrip(
    { phase, sample, commandFailure, changedFiles }: InspectorState,
    showLog: () => void,
  ): TemplateResult | typeof nothing {
    const { session } = this;
    // What fails while files change fails because of that, which is said above.
    if (!session || changedFiles.length > 0) return nothing;
    return html`
      ${
        phase.kind === "failed"
          ? html`<div class="strip">
              ${errorBox(phase.error, { retry: () => void session.gatherStatistics(), showLog })}
            </div>`
          : nothing
      }
      ${
        sample.kind === "failed" && phase.kind !== "failed"
          ? html`<div class="strip">
              ${errorBox(sample.error, { retry: () => session.changeSettings(session.state.view.settings), showLog })}
            </div>`
          : nothing
      }
      ${
        commandFailure
          ? html`<div class="strip">
              ${errorBox(commandFailure.error, {
                retry: commandFailure.retry,
                showLog,
                dismiss: () => session.dismissFailure(),
              })}
            </div>`
          : nothing
      }
    `;
  }

  private renderSplitter(share: number): TemplateResult {
    const set = (next: number): void =>
      this.session?.setView({ tableShare: Math.min(Math.max(next, MIN_TABLE_SHARE), MAX_TABLE_SHARE) });
    const onKey = (event: KeyboardEvent): void => {
      const step = { ArrowLeft: -SPLIT_STEP, ArrowRight: SPLIT_STEP }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      set(share + step);
    };
    const onDown = (event: PointerEvent): void => (event.target as HTMLElement).setPointerCapture(event.pointerId);
    const onMove = (event: PointerEvent): void => {
      const splitter = event.target as HTMLElement;
      if (!splitter.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.getBoundingClientRect();
      set((event.clientX - left) / width);
    };
    return html`<div
      class="splitter"
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${t("Width of the table")}
      aria-valuemin=${Math.round(MIN_TABLE_SHARE * 100)}
      aria-valuemax=${Math.round(MAX_TABLE_SHARE * 100)}
      aria-valuenow=${Math.round(share * 100)}
      @keydown=${onKey}
      @pointerdown=${onDown}
      @pointermove=${onMove}
    ></div>`;
  }
}

customElements.define("ties-inspector", InspectorApp);
