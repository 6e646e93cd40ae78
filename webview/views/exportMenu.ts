/** Export: the report as a file, and each picture as SVG or PNG. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { MergeError } from "../../src/protocol/errors";
import type { PictureFile, PictureFormat, ReportFormat } from "../../src/protocol/inspector";
import { lossFigure } from "../export/lossFigure";
import { modelMapFigure } from "../export/modelMapFigure";
import { pairsFigure } from "../export/pairsFigure";
import type { OfferedPicture } from "../export/pictureShelf";
import { pictureFile } from "../export/savePicture";
import type { InspectorState } from "../state/inspectorState";
import type { Session } from "../state/session";
import { t } from "../text/translate";
import { lossHeading, shownMethod } from "../text/withoutElection";
import { icon } from "../ui/icons";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

interface Entry {
  label: string;
  hint?: string;
  disabled?: boolean;
  run: () => void;
}

/** Whether a report can be written. Of settings that are not in use yet the host counts its figures. */
export const isReportReady = ({ phase, exactShown, view }: InspectorState): boolean =>
  !exactShown || phase.kind === "exact" || (phase.kind === "idle" && view.used !== null);

class ExportMenu extends SessionElement {
  static override properties = { ...SessionElement.properties, open: { state: true } };
  static override styles = [
    sharedStyles,
    css`
      :host {
        position: relative;
        display: inline-block;
      }
      button {
        border: 0;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
      .opener {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        height: 26px;
        padding: 0 6px 0 11px;
        border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
        border-radius: 2px;
        background: var(--vscode-button-secondaryBackground);
        color: var(--vscode-button-secondaryForeground);
      }
      .opener:hover {
        background: var(--vscode-button-secondaryHoverBackground);
      }
      .menu {
        position: absolute;
        top: calc(100% + 2px);
        right: 0;
        z-index: 20;
        width: max-content;
        min-width: 200px;
        max-width: min(420px, 88vw);
        max-height: 70vh;
        padding: 4px 0;
        overflow: auto;
        border: 1px solid var(--ties-line);
        border-radius: 5px;
        background: var(--vscode-menu-background, var(--vscode-editor-background));
        color: var(--vscode-menu-foreground, var(--vscode-foreground));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      }
      .item {
        display: block;
        width: 100%;
        padding: 4px 14px;
        background: none;
        text-align: left;
        overflow-wrap: anywhere;
      }
      .item:hover:not([aria-disabled="true"]),
      .item:focus-visible {
        background: var(--vscode-list-activeSelectionBackground, var(--vscode-list-hoverBackground));
        color: var(--vscode-list-activeSelectionForeground, inherit);
      }
      .item[aria-disabled="true"] {
        opacity: 0.6;
        cursor: default;
      }
      .separator {
        height: 1px;
        margin: 4px 0;
        background: var(--ties-line);
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
    if (!session) return nothing;
    return html`<div @keydown=${(event: KeyboardEvent): void => this.onKey(event)} @focusout=${this.onFocusOut}>
      <button
        class="opener"
        aria-haspopup="menu"
        aria-expanded=${this.open ? "true" : "false"}
        @click=${(): void => this.toggle(!this.open)}
      >
        ${t("Export")}${icon("chevronDown")}
      </button>
      ${this.open ? this.renderMenu(session) : nothing}
    </div>`;
  }

  private renderMenu(session: Session): TemplateResult {
    const groups = [this.reports(session), ...PICTURE_FORMATS.map((format) => this.pictures(session, format))];
    return html`<div class="menu" role="menu" aria-label=${t("Export")}>
      ${groups
        .filter((group) => group.length > 0)
        .map(
          (group, at) =>
            html`${at > 0 ? html`<div class="separator" role="separator"></div>` : nothing}
            ${group.map((entry) => this.renderEntry(entry))}`,
        )}
    </div>`;
  }

  private renderEntry({ label, hint, disabled = false, run }: Entry): TemplateResult {
    return html`<button
      class="item"
      role="menuitem"
      tabindex="-1"
      title=${hint ?? ""}
      aria-disabled=${disabled ? "true" : "false"}
      @click=${(): void => {
        if (disabled) return;
        this.toggle(false);
        run();
      }}
    >
      ${label}
    </button>`;
  }

  private reports(session: Session): Entry[] {
    const ready = isReportReady(session.state);
    const entry = (format: ReportFormat, label: string): Entry => ({
      label,
      hint: ready ? "" : t("When every figure is exact"),
      disabled: !ready,
      run: () => void session.exportReport(format),
    });
    return [
      // A report in a file is that already.
      ...(session.state.report ? [] : [entry("html", t("Report as one HTML file…"))]),
      entry("json", t("Report as JSON…")),
      entry("csv", t("Table of the tensors as CSV…")),
    ];
  }

  private pictures(session: Session, format: PictureFormat): Entry[] {
    const name = format.toUpperCase();
    const { opened, totals } = session.state;
    const hasLayers = opened?.tensors.some(({ group }) => group !== "") ?? false;
    const own: OfferedPicture[] = [
      { label: () => (opened?.tensors.length ? t("Model map") : null), draw: () => modelMapFigure(session.state) },
      {
        label: () => (totals && totals.models.length > 1 ? t("Pairs") : null),
        draw: () => pairsFigure(session.state),
      },
      {
        label: () => (totals && hasLayers ? lossHeading(shownMethod(session.state)) : null),
        draw: () => lossFigure(session.state),
      },
    ];
    return [...own, ...session.pictures.pictures].flatMap((picture): Entry[] => {
      const label = picture.label();
      if (label === null) return [];
      const save = async (): Promise<PictureFile> => {
        const figure = picture.draw();
        if (!figure) throw new MergeError("cancelled", { where: "" });
        return pictureFile(figure, format);
      };
      return [
        {
          label: t("{picture} as {format}…", { picture: label, format: name }),
          run: () => void session.savePicture(save),
        },
      ];
    });
  }

  private toggle(open: boolean): void {
    this.open = open;
    void this.updateComplete.then(() => {
      this.keepInPage();
      const target = open ? this.items()[0] : this.renderRoot.querySelector<HTMLElement>(".opener");
      target?.focus();
    });
  }

  /** In a narrow panel the button may stand further left than the menu is wide. */
  private keepInPage(): void {
    const menu = this.renderRoot.querySelector<HTMLElement>(".menu");
    const left = menu?.getBoundingClientRect().left ?? 0;
    if (menu && left < MENU_MARGIN) menu.style.right = `${left - MENU_MARGIN}px`;
  }

  private items(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>(".item")];
  }

  private onKey(event: KeyboardEvent): void {
    if (!this.open) return;
    const items = this.items();
    const at = items.findIndex((item) => item.matches(":focus"));
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const target = targets[event.key];
    if (event.key === "Escape") this.toggle(false);
    else if (target !== undefined) items[target]?.focus();
    else return;
    event.preventDefault();
  }

  private onFocusOut = (event: FocusEvent): void => {
    if (event.relatedTarget instanceof Node && this.renderRoot.contains(event.relatedTarget)) return;
    this.open = false;
  };
}

/** Pixels between the menu and the page's edge, at least. */
const MENU_MARGIN = 8;

const PICTURE_FORMATS: readonly PictureFormat[] = ["svg", "png"];

customElements.define("ties-export-menu", ExportMenu);
