/** The top bar: what is merged and how, how far the figures are, and the commands. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { MergeSet, ModelChoice } from "../../src/protocol/mergeSet";
import type { InspectorState, StatisticsPhase } from "../state/inspectorState";
import { methodName } from "../text/methodName";
import { formatCount, formatSetting, formatShare, formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { button } from "../ui/controls";
import "./exportMenu";
import { modelMark, modelMarkStyles } from "./modelMark";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

/** So many chips may scroll, so that the keyboard must reach them. */
const SCROLLING_MODELS = 4;

const lastSegment = (path: string): string =>
  path
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .pop() ?? path;

class MergeSetBar extends SessionElement {
  static override styles = [
    sharedStyles,
    modelMarkStyles,
    css`
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
        justify-content: flex-end;
        gap: 8px 20px;
        padding: 8px 14px 9px;
      }
      dl {
        flex: 1 1 560px;
        display: flex;
        flex-wrap: wrap;
        gap: 6px 20px;
        min-width: 0;
        margin: 0;
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
        max-height: 84px;
        overflow: auto;
      }
      .chip {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        max-width: 260px;
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
      .actions {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      .badge {
        padding: 2px 10px;
        border: 1px solid var(--ties-line);
        border-radius: 11px;
        font-size: 0.92em;
        line-height: 16px;
        white-space: nowrap;
      }
      .badge.exact {
        border-color: var(--vscode-testing-iconPassed, currentColor);
      }
      .badge.computing {
        border-color: var(--vscode-progressBar-background, currentColor);
      }
      .badge.failed {
        border-color: var(--vscode-errorForeground, currentColor);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const { set } = opened;
    return html`<header>
      <dl>
        ${field(
          t("Base"),
          html`<span class="chip" title=${set.base ?? ""}>
            <b>${set.base === null ? t("none") : lastSegment(set.base)}</b>
            <span class="muted number" title=${formatWhole(opened.parameters)}>
              ${t("{count} parameters", { count: formatCount(opened.parameters) })}
            </span>
          </span>`,
        )}
        <div class="field models">
          <dt>${set.method === "ties" ? t("Models: density asked → kept") : t("Models")}</dt>
          <dd tabindex=${set.models.length > SCROLLING_MODELS ? "0" : nothing}>
            ${set.models.map((model, index) => this.renderModel(model, index, set, session.state))}
          </dd>
        </div>
        ${field(
          t("Method"),
          html`<span>${set.method === "ties" ? `${methodName(set)} · ${set.compat}` : methodName(set)}</span>`,
        )}
        ${
          set.method === "ties"
            ? html`
                ${field("λ", html`<span class="number">${formatSetting(set.lambda)}</span>`)}
                ${field(
                  t("Trim scope"),
                  html`<span
                    title=${
                      set.rules.trimScope === "model"
                        ? t("One threshold per model over its whole task vector")
                        : t("One threshold per model and tensor")
                    }
                    >${set.rules.trimScope === "model" ? t("model") : t("tensor")}</span
                  >`,
                )}
              `
            : set.method === "task_arithmetic"
              ? field("λ", html`<span class="number">${formatSetting(set.lambda)}</span>`)
              : nothing
        }
      </dl>
      <div class="actions">
        ${badge(session.state.phase)}
        <ties-export-menu .session=${session}></ties-export-menu>
        ${
          session.state.report
            ? nothing
            : button({
                label: t("Merge…"),
                title: t("Merge this set into a new checkpoint"),
                primary: true,
                onClick: () => void session.run("merge"),
              })
        }
      </div>
    </header>`;
  }

  private renderModel(model: ModelChoice, index: number, set: MergeSet, { totals }: InspectorState): TemplateResult {
    const kept = totals?.models[index]?.kept;
    // A weight is said where the models have different ones, or the method is all about them.
    const weighted =
      (set.method !== "ties" && set.method !== "regmean") || set.models.some(({ weight }) => weight !== 1);
    const came = kept === undefined || !totals ? "…" : formatShare(kept / totals.elements);
    return html`<span class="chip" title=${model.path}>
      ${modelMark(index)}<b>${model.name}</b>
      <span class="muted number">
        ${weighted ? html`<span title=${t("weight")}>×${formatSetting(model.weight)}</span>` : nothing}
        ${set.method === "ties" ? html`${formatSetting(model.density)} → <span class="came">${came}</span>` : nothing}
      </span>
    </span>`;
  }
}

function field(label: string, content: TemplateResult): TemplateResult {
  return html`<div class="field">
    <dt>${label}</dt>
    <dd>${content}</dd>
  </div>`;
}

function badge(phase: StatisticsPhase): TemplateResult {
  const text = {
    idle: (): string => "…",
    computing: (): string =>
      t("computing {share} %", { share: phase.kind === "computing" ? Math.floor(phase.share * 100) : 0 }),
    exact: (): string => t("exact"),
    failed: (): string => t("not computed"),
  }[phase.kind]();
  const title = phase.kind === "computing" ? phase.tensor : t("Every figure is counted over all parameters");
  return html`<span class="badge number ${phase.kind}" title=${title}>${text}</span>`;
}

customElements.define("ties-merge-set-bar", MergeSetBar);
