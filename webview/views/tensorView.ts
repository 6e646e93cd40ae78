/** The chosen tensor: trim masks, elected signs and τ_m as linked pictures, and one parameter explained. */
import type { PropertyValues, TemplateResult } from "lit";
import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import { isPictured, keepsRandom, keepsShare, keepsVaried, type MergeSet } from "../../src/protocol/mergeSet";
import type { MatrixShape } from "../../src/protocol/tiles";
import { matrixShape } from "../../src/protocol/tiles";
import { GLYPH_CELL, VALUE_CELL } from "../plot/drawCells";
import { TensorScene } from "../plot/scene";
import { cellSize } from "../plot/viewport";
import type { Session } from "../state/session";
import type { TensorEntry } from "../state/inspectorState";
import { approximately } from "../state/sampledStatistics";
import { methodName } from "../text/methodName";
import { formatShare, formatWhole } from "../text/numbers";
import { stretchNote } from "../text/stretchNote";
import { announceParameter } from "../text/announceParameter";
import { t } from "../text/translate";
import { controlStyles, iconButton } from "../ui/controls";
import { brokenBox } from "./brokenNote";
import { errorBox, errorBoxStyles } from "./errorBox";
import { legendStyles, shareLegend, signLegend, valueLegend, votesLegend } from "./legend";
import "./mapView";
import { modelMark, modelMarkStyles } from "./modelMark";
import "./parameterPanel";
import "./reportNote";
import { tensorFigure } from "./tensorFigure";
import { SessionElement } from "./sessionElement";
import { setStyle } from "./setStyle";
import { maskNote, overlayOf, renderEstimated, renderOptions, renderWaiting, tensorSummary } from "./tensorOptions";
import { sharedStyles } from "./sharedStyles";
import { tensorViewStyles } from "./tensorViewStyles";

/** Proportions of a picture, so that a long matrix neither becomes a thread nor fills the screen. */
const MIN_ASPECT = 0.8;
const MAX_ASPECT = 3;
/** Trim masks in a row: small beside the elected signs, however few. */
const MIN_MASK_COLUMNS = 2;
const MASK_COLUMNS = 4;
const ANNOUNCE_DELAY_MS = 250;
/** How often figures follow a view that moves. */
const FOLLOW_MS = 120;
const TOOLBAR_ZOOM = 1.6;

class TensorView extends SessionElement {
  static override properties = {
    ...SessionElement.properties,
    tensor: { attribute: false },
    announcement: { state: true },
  };
  static override styles = [
    sharedStyles,
    controlStyles,
    modelMarkStyles,
    errorBoxStyles,
    legendStyles,
    tensorViewStyles,
  ];

  declare tensor: TensorEntry | undefined;
  declare announcement: string;
  private scene: TensorScene | undefined;
  private sceneOf: Session | undefined;
  /** Its settings are those of the pictures. */
  private sceneSet: MergeSet | undefined;
  private shownTensor = "";
  /** When the figures beside the pictures were drawn last. */
  private followedAt = 0;
  private stopOffering: (() => void) | undefined;
  private announceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.announcement = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.announceTimer);
    this.stopOffering?.();
    this.stopOffering = undefined;
    this.scene?.dispose();
    this.scene = undefined;
    this.sceneOf = undefined;
    this.shownTensor = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const { session, tensor } = this;
    const opened = session?.pictured;
    if (!session || !tensor || !opened) return;
    if (!this.scene || this.sceneOf !== session || this.sceneSet !== opened.set) {
      this.sceneSet = opened.set;
      this.scene?.dispose();
      this.scene = new TensorScene(session.api, opened.set.models.length);
      this.scene.subscribe(() => this.onSceneChange());
      this.sceneOf = session;
      this.shownTensor = "";
    }
    // The pictures as they stand can be saved while they are shown.
    this.stopOffering ??= session.pictures.offer({
      label: () => (this.tensor?.elements && !this.tensor.broken ? t("Pictures of the tensor") : null),
      draw: () => this.tensor && this.scene && tensorFigure(session, this.tensor, this.scene, this.renderRoot),
    });
    if (this.shownTensor !== tensor.name) {
      this.shownTensor = tensor.name;
      const { viewport, pinned } = session.state.view;
      this.scene.show(tensor.name, matrixShape(tensor.shape), viewport, pinned);
    }
    this.scene.setExact(session.state.phase.kind === "exact");
    this.scene.setShowConflicts(session.state.view.showConflicts);
    this.scene.setOverlay(overlayOf(session));
  }

  /** The scene moved: the view is saved, the figures beside the pictures are drawn again. */
  private onSceneChange(): void {
    const { scene, session } = this;
    if (!scene || !session || this.tensor?.name !== this.shownTensor) return;
    // Figures beside the pictures follow a view that moves a few times a second: every frame is the pictures'.
    const now = performance.now();
    if (!scene.resting && now < this.followedAt + FOLLOW_MS) return;
    this.followedAt = now;
    this.requestUpdate();
    if (!scene.resting) return;
    const { viewport, pinned } = session.state.view;
    const { row, column, zoom } = scene.viewport;
    // The whole matrix is saved as no viewport at all.
    const moved =
      zoom === 1 ? viewport !== null : viewport?.row !== row || viewport.column !== column || viewport.zoom !== zoom;
    if (moved || pinned?.row !== scene.pinned?.row || pinned?.column !== scene.pinned?.column) {
      session.setView({ viewport: zoom === 1 ? null : { row, column, zoom }, pinned: scene.pinned });
    }
  }

  private announceSoon(): void {
    clearTimeout(this.announceTimer);
    this.announceTimer = setTimeout(() => {
      const { scene } = this;
      const models = this.session?.pictured?.set.models;
      if (!scene?.active || !models) this.announcement = "";
      else {
        const values = scene.valuesAt(scene.active);
        this.announcement = announceParameter(scene.active, values, models, scene.magnitudes);
        if (!values && scene.blockFailure === null) this.announceSoon();
      }
    }, ANNOUNCE_DELAY_MS);
  }

  override render(): TemplateResult | typeof nothing {
    const { session, tensor, scene } = this;
    const opened = session?.state.opened;
    if (!session || !tensor || !scene || !opened) return nothing;
    const showLog = (): void => void session.run("showLog");
    const failure = scene.tileFailure;
    const matrix = scene.matrix;
    const aspect = Math.min(Math.max(matrix.columns / Math.max(1, matrix.rows), MIN_ASPECT), MAX_ASPECT);
    return html`
      ${guard([session.state, tensor], () => this.renderHeader(session, tensor))}
      ${
        tensor.broken
          ? html`<div class="failure">${brokenBox(tensor.broken)}</div>`
          : tensor.elements === 0
            ? html`<p class="empty muted">${t("This tensor has no parameters.")}</p>`
            : html`
                <ties-report-tensor-note
                  .session=${session}
                  .scene=${scene}
                  .tensor=${tensor}
                ></ties-report-tensor-note>
                ${this.renderToolbar(session, scene, matrix)}
                ${
                  failure === null
                    ? nothing
                    : html`<div class="failure">${errorBox(failure, { retry: () => scene.retry(), showLog })}</div>`
                }
                <div class="content">
                  <div class="maps" ${setStyle({ "--map-aspect": String(aspect) })}>
                    ${this.renderMapsOnce(session, scene)}
                  </div>
                  <ties-parameter-panel .session=${session} .scene=${scene} .tensor=${tensor}></ties-parameter-panel>
                </div>
              `
      }
      <div class="visually-hidden" aria-live="polite" role="status">${this.announcement}</div>
    `;
  }

  private renderHeader(session: Session, tensor: TensorEntry): TemplateResult {
    const tensors = session.state.opened?.tensors ?? [];
    const at = tensors.findIndex(({ name }) => name === tensor.name);
    const goTo = (index: number): void => session.chooseTensor(tensors[index] ?? null);
    return html`<header>
      <div class="title">
        <h2>${tensor.name}</h2>
        <span class="muted number">[${tensor.shape.join(" × ")}] ${tensor.dtype}</span>
        <span class="steps">
          ${iconButton({
            icon: "previous",
            label: t("Previous tensor"),
            disabled: at <= 0,
            onClick: () => goTo(at - 1),
          })}
          ${iconButton({
            icon: "next",
            label: t("Next tensor"),
            disabled: at >= tensors.length - 1,
            onClick: () => goTo(at + 1),
          })}
          ${iconButton({ icon: "close", label: t("Back to the whole model"), onClick: () => session.chooseTensor(null) })}
        </span>
      </div>
      <p class="figures number">${tensorSummary(session, tensor)}</p>
    </header>`;
  }

  private renderToolbar(session: Session, scene: TensorScene, matrix: MatrixShape): TemplateResult {
    const { rowStart, rowEnd, columnStart, columnEnd } = scene.range;
    const { atLeast, atMost } = scene.zoomLimits;
    const single = cellSize(scene.projection) >= GLYPH_CELL;
    const stretched = stretchNote(scene.projection);
    const span = `[${formatWhole(rowStart)}…${formatWhole(rowEnd - 1)}, ${formatWhole(columnStart)}…${formatWhole(columnEnd - 1)}]`;
    return html`<div class="toolbar" role="toolbar" aria-label=${t("Zoom")}>
      ${iconButton({ icon: "zoomOut", label: t("Zoom out"), disabled: atLeast, onClick: () => scene.zoom(1 / TOOLBAR_ZOOM) })}
      ${iconButton({ icon: "zoomIn", label: t("Zoom in"), disabled: atMost, onClick: () => scene.zoom(TOOLBAR_ZOOM) })}
      ${iconButton({ icon: "fit", label: t("Show everything"), disabled: atLeast, onClick: () => scene.fit() })}
      <span class="muted number range">
        ${single ? t("single parameters {range}", { range: span }) : span}
        ${t("of {rows} × {columns}", {
          rows: formatWhole(matrix.rows),
          columns: formatWhole(matrix.columns),
        })}${stretched === null ? "" : ` · ${stretched}`}
      </span>
      ${scene.isEstimated ? renderEstimated() : nothing}
      ${scene.loading && scene.resting ? renderWaiting(scene) : nothing}
      <span class="options">${renderOptions(session)} ${shareLegend(!single)}</span>
    </div>`;
  }

  /** What stands around the pictures changes with the state, not with every step of a view that moves. */
  private renderMapsOnce(session: Session, scene: TensorScene): unknown {
    const size = cellSize(scene.projection);
    const follows = [session.state, this.tensor, scene, scene.limit, size >= 1, size >= VALUE_CELL];
    return guard(follows, () => this.renderMaps(session, scene));
  }

  private renderMaps(session: Session, scene: TensorScene): TemplateResult {
    const { rows, view } = session.state;
    const opened = session.pictured;
    const members = session.picturedMembers;
    const models = opened?.set.models ?? [];
    const statistics = this.tensor ? rows.get(this.tensor.name) : undefined;
    const onKeyboard = (): void => this.announceSoon();
    const { overlay } = view;
    const marked = (label: string): string | null => (view.showConflicts || overlay ? label : null);
    const profiles = view.showProfiles;
    const trims = opened !== null && opened !== undefined && keepsShare(opened.set.method);
    const varied = opened !== null && opened !== undefined && keepsVaried(opened.set.method);
    const drawn = opened !== null && opened !== undefined && keepsRandom(opened.set.method);
    const pictured = !opened || isPictured(opened.set.method);
    const method = opened ? methodName(opened.set) : "";
    return html`
      <div
        class="masks"
        ${setStyle({ "--mask-columns": String(Math.min(Math.max(models.length, MIN_MASK_COLUMNS), MASK_COLUMNS)) })}
      >
        ${models.map((model, index) => {
          const own = statistics?.models[members[index] ?? -1];
          return html`<ties-map
            .scene=${scene}
            .picture=${{ kind: "mask", model: index }}
            .label=${varied ? t("Selection of {model}", { model: model.name }) : trims ? t("Trim mask of {model}", { model: model.name }) : t("Signs of {model}", { model: model.name })}
            .heading=${html`${modelMark(model)} ${model.name}`}
            .note=${own && statistics ? maskNote(own, statistics, trims) : ""}
            .profiles=${profiles}
            @map-keyboard=${onKeyboard}
          ></ties-map>`;
        })}
      </div>
      <div class="legends">
        ${signLegend(marked(t("outvoted")), varied ? t("not selected") : drawn ? t("dropped") : trims ? t("trimmed away") : t("unchanged"), overlay)}
      </div>
      <div class="pair">
        <div>
          <ties-map
            keyboard
            .scene=${scene}
            .picture=${{ kind: "elected" }}
            .label=${t("Elected signs")}
            .heading=${html`${t("Elected sign γ")}`}
            .note=${statistics ? t("conflict {share}", { share: approximately(statistics, formatShare(statistics.conflict / Math.max(1, statistics.elements))) }) : ""}
            .profiles=${profiles}
            @map-keyboard=${onKeyboard}
          ></ties-map>
          <div class="legends">
            ${signLegend(marked(overlay?.kind === "lost" ? t("outvoted") : t("conflict among kept")), t("nobody kept it"), overlay)}
            ${votesLegend(cellSize(scene.projection) >= VALUE_CELL)}
          </div>
        </div>
        <div>
          <ties-map
            .scene=${scene}
            .picture=${{ kind: "merged" }}
            .label=${pictured ? t("Merged task vector") : t("Mean task vector")}
            .heading=${html`${pictured ? t("Merged task vector τ_m") : t("Mean task vector, not what {method} merges", { method })}`}
            .note=${cellSize(scene.projection) >= 1 ? "" : t("mean over each pixel’s block")}
            .profiles=${profiles}
            @map-keyboard=${onKeyboard}
          ></ties-map>
          <div class="legends">${valueLegend(scene.limit)}</div>
        </div>
      </div>
    `;
  }
}

customElements.define("ties-tensor-view", TensorView);
