/** The top bar: what is merged and how, how far the figures are, and the commands. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import { keepsShare, keepsVaried, takesWeights } from "../../src/protocol/mergeSet";
import type { InspectorSettings } from "../../src/protocol/settings";
import { settingsOf } from "../../src/protocol/settings";
import type { InspectorState, OpenedSet, ShownSet } from "../state/inspectorState";
import { approximately } from "../state/sampledStatistics";
import type { Session } from "../state/session";
import { fileName } from "../text/fileName";
import { formatCount, formatSetting, formatShare, formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { button } from "../ui/controls";
import { baseItself, modelTitle } from "./baseItself";
import "./exportMenu";
import { fixedSettings, headingOfModels, SCROLLING_MODELS } from "./fixedSettings";
import { withLeftOut } from "./leftOutChips";
import { mergeSetBarStyles } from "./mergeSetBarStyles";
import { modelMark, modelMarkStyles } from "./modelMark";
import { SessionElement } from "./sessionElement";
import { field } from "./settingField";
import { settingsControls } from "./settingsControls";
import { sharedStyles } from "./sharedStyles";
import { statisticsBadge, statisticsBadgeStyles } from "./statisticsBadge";

class MergeSetBar extends SessionElement {
  static override styles = [sharedStyles, modelMarkStyles, statisticsBadgeStyles, mergeSetBarStyles];

  override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const opened = session?.state.opened;
    if (!session || !opened) return nothing;
    const { set } = opened;
    const { view, connection, phase, exactShown, totals, report, changedFiles } = session.state;
    const isOpening = connection.kind === "opening";
    const settings = view.settings ?? settingsOf(set);
    const isFixed = report !== null;
    const byLayer = set.slices !== undefined && view.settings === null;
    const isComputing = exactShown && phase.kind === "computing";
    const isExact = exactShown && totals !== null && !totals.margins;
    return html`<header>
        <dl>
          ${field(
            t("Base"),
            html`<span class="chip" title=${set.base ?? ""}>
              <b>${set.base === null ? t("none") : fileName(set.base)}</b>
              <span class="muted number" title=${formatWhole(opened.parameters)}>
                ${t("{count} parameters", { count: formatCount(opened.parameters) })}
              </span>
            </span>`,
          )}
          ${
            isFixed
              ? fixedSettings(opened, totals)
              : html`<div class="field models">
                    <dt>${headingOfModels(settings.method, takesWeights(settings.method))}</dt>
                    <dd tabindex=${set.models.length > SCROLLING_MODELS ? "0" : nothing}>
                      ${withLeftOut(
                        opened,
                        set.models.map((_, index) => this.renderModel(session, set, index, settings, byLayer)),
                      )}
                    </dd>
                  </div>
                  ${settingsControls({ settings, opened: set, byLayer, onChange: (changed) => session.changeSettings(changed) })}`
          }
        </dl>
        <div class="actions">
          ${
            isOpening || isFixed
              ? nothing
              : html`<span class=${view.settings === null ? "absent" : ""}
                  >${button({
                    label: t("As opened"),
                    title: t("Back to the settings with which the set was opened"),
                    onClick: () => session.changeSettings(null),
                  })}</span
                >`
          }
          ${statisticsBadge(session.state)}
          ${
            isOpening || isComputing || isExact || isFixed || changedFiles.length > 0
              ? nothing
              : button({
                  label: t("Recompute exactly"),
                  title: t("Count over all parameters for these settings"),
                  onClick: () => void session.recomputeExactly(),
                })
          }
          <ties-export-menu .session=${session}></ties-export-menu>
          ${
            report
              ? nothing
              : button({
                  label: t("Merge…"),
                  title: isOpening
                    ? t("The models are still being opened")
                    : isWhole(opened)
                      ? t("Merge this set into a new checkpoint")
                      : t("What is damaged or missing cannot be merged"),
                  disabled: isOpening || !isWhole(opened),
                  primary: true,
                  onClick: () => void session.run("merge"),
                })
          }
        </div>
      </header>
      ${byLayer && !isFixed ? this.renderByLayer(session, settings) : nothing}`;
  }

  private renderByLayer(session: Session, settings: InspectorSettings): TemplateResult {
    return html`<div class="by-layer">
      <span>${t("The recipe’s weights, densities or λ differ by layer or tensor: one slider cannot show them.")}</span>
      ${button({
        label: t("Set one value for all layers"),
        title: t("Replaces the recipe’s values by those of its first layers, to be changed from there"),
        onClick: () => session.changeSettings(settings),
      })}
    </div>`;
  }

  private renderModel(
    session: Session,
    set: ShownSet,
    index: number,
    settings: InspectorSettings,
    byLayer: boolean,
  ): TemplateResult | typeof nothing {
    const { totals } = session.state;
    const model = set.models[index];
    if (!model) return nothing;
    const own = settings.models[index] ?? { on: true, weight: 1, density: 1 };
    const change = (values: Partial<typeof own>): void =>
      session.changeSettings({
        ...settings,
        models: settings.models.map((other, at) => (at === index ? { ...other, ...values } : other)),
      });
    const isLast = own.on && settings.models.filter(({ on }) => on).length <= fewestModels(settings);
    return html`<span class="chip ${own.on ? "" : "off"}" title=${modelTitle(model, set)}>
      <input
        type="checkbox"
        aria-label=${t("Merge {model}", { model: model.name })}
        .checked=${live(own.on)}
        ?disabled=${byLayer || isLast}
        @change=${(event: Event): void => change({ on: (event.target as HTMLInputElement).checked })}
      />
      ${modelMark(model)}<b>${model.name}</b>${baseItself(model, set)}
      ${
        byLayer
          ? html`<span class="muted">${t("by layer")}</span>`
          : html`${
                takesWeights(settings.method)
                  ? html`<input
                      type="number"
                      step="0.1"
                      aria-label=${t("Weight of {model}", { model: model.name })}
                      title=${t("weight")}
                      .value=${live(String(own.weight))}
                      @change=${(event: Event): void => {
                        const { valueAsNumber } = event.target as HTMLInputElement;
                        if (Number.isFinite(valueAsNumber)) change({ weight: valueAsNumber });
                      }}
                    />`
                  : nothing
              }<span class="muted number">${keepsShare(settings.method) ? formatSetting(own.density) : nothing}</span>`
      }
      ${
        keepsShare(settings.method)
          ? html`<span class="muted number">→ <span class="came">${keptText(totals, index)}</span></span>`
          : nothing
      }
    </span>`;
  }
}

/** What one model changes does not vary, and lies between no two. */
const fewestModels = ({ method }: InspectorSettings): number => (method === "slerp" || keepsVaried(method) ? 2 : 1);

const isWhole = ({ brokenModels = [], brokenTensors = [] }: OpenedSet): boolean =>
  brokenModels.length === 0 && brokenTensors.length === 0;

function keptText(totals: InspectorState["totals"], index: number): string {
  const kept = totals?.models[index]?.kept;
  return kept === undefined || !totals ? "…" : approximately(totals, formatShare(kept / totals.elements));
}

customElements.define("ties-merge-set-bar", MergeSetBar);
