/** One parameter in the paper's four steps. */
import type { PropertyValues, TemplateResult } from "lit";
import { html, nothing } from "lit";
import { setSummary } from "../export/setSummary";
import type { ParameterValues } from "../plot/parameterAt";
import type { TensorScene } from "../plot/scene";
import type { Cell } from "../plot/viewport";
import type { TensorEntry } from "../state/inspectorState";
import { describeFailure } from "../text/describe";
import { formatWhole } from "../text/numbers";
import { plainText } from "../text/plainText";
import { t } from "../text/translate";
import { iconButton } from "../ui/controls";
import { errorBox, errorBoxStyles } from "./errorBox";
import { modelMarkStyles } from "./modelMark";
import { parameterPanelStyles } from "./parameterPanelStyles";
import { renderSteps } from "./parameterSteps";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

/** How long it says what copying came to. */
const NOTICE_MS = 3000;

class ParameterPanel extends SessionElement {
  static override properties = {
    ...SessionElement.properties,
    scene: { attribute: false },
    tensor: { attribute: false },
    notice: { state: true },
  };
  static override styles = [sharedStyles, modelMarkStyles, errorBoxStyles, parameterPanelStyles];

  declare scene: TensorScene | undefined;
  declare tensor: TensorEntry | undefined;
  /** What copying came to. */
  declare private notice: string;
  private followed: TensorScene | undefined;
  private stopFollowing: (() => void) | undefined;
  private shownCell: Cell | null = null;
  /** Shown until the next ones arrive, so that the panel does not flicker while the pointer moves. */
  private lastValues: ParameterValues | null = null;

  constructor() {
    super();
    this.notice = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopFollowing?.();
    this.followed = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has("tensor")) this.lastValues = null;
    if (this.scene === this.followed) return;
    this.stopFollowing?.();
    this.followed = this.scene;
    this.stopFollowing = this.scene?.subscribe(() => this.onSceneChange());
  }

  /** A view that moves leaves the parameter as it is, unless it is another one. */
  private onSceneChange(): void {
    const { scene, shownCell } = this;
    const cell = scene?.active ?? null;
    if (!scene?.resting && cell?.row === shownCell?.row && cell?.column === shownCell?.column) return;
    this.shownCell = cell;
    this.requestUpdate();
  }

  override render(): TemplateResult | typeof nothing {
    const { session, scene } = this;
    const set = session?.pictured?.set;
    if (!session || !scene || !set) return nothing;
    const cell = scene.active;
    if (!cell) {
      this.lastValues = null;
      return html`<section aria-label=${t("One parameter")}>
        <h3>${t("One parameter")}</h3>
        <p class="muted hint">${t("Point at a picture to read a parameter; click to pin it.")}</p>
        <dl class="keys muted">
          <dt>${t("Wheel, + −")}</dt>
          <dd>${t("zoom")}</dd>
          <dt>${t("Drag, Ctrl+arrows")}</dt>
          <dd>${t("pan")}</dd>
          <dt>${t("Arrows")}</dt>
          <dd>${t("move the crosshair")}</dd>
          <dt>${t("Enter, Esc")}</dt>
          <dd>${t("pin, release")}</dd>
          <dt>0</dt>
          <dd>${t("show everything")}</dd>
        </dl>
      </section>`;
    }
    const values = scene.valuesAt(cell);
    if (values) this.lastValues = values;
    const failure = scene.blockFailure;
    const shown = values ?? this.lastValues;
    return html`<section aria-label=${t("One parameter")} aria-busy=${values ? "false" : "true"}>
      <h3>
        ${t("One parameter")}
        <span class="place number">[${formatWhole(cell.row)}, ${formatWhole(cell.column)}]</span>
        ${
          scene.pinned && values
            ? iconButton({ icon: "copy", label: t("Copy as text"), onClick: () => void this.copy(cell) })
            : nothing
        }
      </h3>
      <p class="muted hint">
        ${this.notice || (scene.pinned ? t("pinned · arrow keys move · Esc releases") : t("under the pointer · click pins"))}
      </p>
      ${
        failure !== null && !values
          ? session.state.report
            ? // Nothing has failed, and trying again would not bring what the file does not hold.
              html`<p class="muted">${describeFailure(failure)}</p>`
            : errorBox(failure, { retry: () => scene.retry(), showLog: () => void session.run("showLog") })
          : shown
            ? html`<div class="steps ${values ? "" : "stale"}">${renderSteps(shown, set, scene.magnitudes)}</div>`
            : html`<p class="muted">${t("reading…")}</p>`
      }
    </section>`;
  }

  /** The steps as they stand there, under the parameter's name. */
  private async copy({ row, column }: Cell): Promise<void> {
    const steps = this.renderRoot.querySelector(".steps");
    const pictured = this.session?.pictured;
    if (!steps || !pictured) return;
    const lines = [`${this.tensor?.name ?? ""} [${row}, ${column}]`, setSummary(pictured), plainText(steps)];
    try {
      await navigator.clipboard.writeText(`${lines.join("\n")}\n`);
      this.notice = t("Copied");
    } catch {
      this.notice = t("Copying was not allowed.");
    }
    setTimeout(() => (this.notice = ""), NOTICE_MS);
  }
}

customElements.define("ties-parameter-panel", ParameterPanel);
