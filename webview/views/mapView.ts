/** One picture of the scene: heading, canvas, keyboard. */
import type { PropertyValues, TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import type { Picture } from "../plot/blend";
import { pictureKey } from "../plot/blend";
import type { Strips } from "../plot/drawProfiles";
import type { TensorScene } from "../plot/scene";
import { listenOnCanvas } from "../plot/sceneInput";
import { t } from "../text/translate";
import { modelMarkStyles } from "./modelMark";
import { sharedStyles } from "./sharedStyles";

export class MapView extends LitElement {
  static override properties = {
    scene: { attribute: false },
    picture: { attribute: false },
    label: { attribute: false },
    heading: { attribute: false },
    note: { attribute: false },
    profiles: { attribute: false },
    keyboard: { type: Boolean },
  };
  static override styles = [
    sharedStyles,
    modelMarkStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-width: 0;
      }
      /* Takes what its neighbours' longer headings need: linked pictures begin on one line. */
      .heading {
        flex: 1 0 auto;
        align-content: flex-start;
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 8px;
        min-height: 20px;
        margin-bottom: 4px;
      }
      .note {
        display: flex;
        flex-wrap: wrap;
        gap: 0 8px;
        font-size: 0.92em;
        white-space: nowrap;
      }
      .note:empty {
        display: none;
      }
      .frame {
        --strip: 0px;
        --gap: 0px;
        display: grid;
        grid-template-columns:
          min(100% - var(--strip) - var(--gap), var(--map-max-height, 70vh) * var(--map-aspect, 1))
          var(--strip);
        gap: var(--gap);
      }
      .frame.profiled {
        --strip: 24px;
        --gap: 4px;
      }
      .map {
        display: block;
        width: 100%;
        aspect-ratio: var(--map-aspect, 1);
        cursor: crosshair;
        touch-action: none;
      }
      .map.dragging {
        cursor: grabbing;
      }
      .rows {
        width: 100%;
        height: 0;
        min-height: 100%;
      }
      .columns {
        width: 100%;
        height: var(--strip);
      }
      .end {
        align-self: start;
        font-size: 9px;
        line-height: 12px;
        white-space: nowrap;
      }
      .rows,
      .columns {
        opacity: 0.85;
      }
      .map:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: 2px;
      }
    `,
  ];

  declare scene: TensorScene | undefined;
  declare picture: Picture | undefined;
  /** What the picture is, for assistive technology. */
  declare label: string;
  declare heading: TemplateResult | undefined;
  declare note: TemplateResult | string | undefined;
  /** Whether rows and columns have their profiles at the edges. */
  declare profiles: boolean;
  /** Whether the Tab key stops here: the linked pictures need one stop, not N + 2. */
  declare keyboard: boolean;
  private stopListening: (() => void) | undefined;
  private attachedTo: TensorScene | undefined;
  private attachedPicture = "";

  private get canvas(): HTMLCanvasElement | null {
    return this.renderRoot.querySelector("canvas.map");
  }

  private get strips(): Strips | null {
    const rows = this.renderRoot.querySelector<HTMLCanvasElement>("canvas.rows");
    const columns = this.renderRoot.querySelector<HTMLCanvasElement>("canvas.columns");
    const end = this.renderRoot.querySelector<HTMLElement>(".end");
    return rows && columns && end ? { rows, columns, end } : null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.detach();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { scene, picture, canvas } = this;
    if (!scene || !picture || !canvas || !this.isConnected) return;
    const key = `${pictureKey(picture)} ${this.profiles}`;
    if (this.attachedTo === scene && this.attachedPicture === key) return;
    this.detach();
    this.attachedTo = scene;
    this.attachedPicture = key;
    scene.attach(canvas, picture, this.strips);
    this.stopListening = listenOnCanvas(canvas, scene, {
      onKeyboardMove: () => this.dispatchEvent(new CustomEvent("map-keyboard")),
      onPin: () => this.dispatchEvent(new CustomEvent("map-pin")),
    });
  }

  private detach(): void {
    this.stopListening?.();
    this.stopListening = undefined;
    if (this.canvas) this.attachedTo?.detach(this.canvas);
    this.attachedTo = undefined;
  }

  override render(): TemplateResult {
    return html`
      <div class="heading">
        <h3>${this.heading}</h3>
        <span class="note muted number">${this.note ?? nothing}</span>
      </div>
      <div class="frame ${this.profiles ? "profiled" : ""}">
        <canvas
          class="map"
          role="application"
          tabindex=${this.keyboard ? "0" : "-1"}
          aria-label=${this.label}
          aria-description=${t(
            "Arrow keys move the crosshair, plus and minus zoom, 0 shows everything, Enter pins, Escape releases.",
          )}
        ></canvas>
        ${
          this.profiles
            ? html`<canvas
                  class="rows"
                  aria-hidden="true"
                  title=${t("Mean of each row, over the columns in view")}
                ></canvas>
                <canvas
                  class="columns"
                  aria-hidden="true"
                  title=${t("Mean of each column, over the rows in view")}
                ></canvas>
                <span class="end number muted" title=${t("End of the scale of both profiles")}></span>`
            : nothing
        }
      </div>
    `;
  }
}

customElements.define("ties-map", MapView);
