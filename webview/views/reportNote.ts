/** In a report that stands for itself: what it holds, and where the rest is. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { StoredPictures } from "../../src/protocol/reportFile";
import { columnLevelOf } from "../../src/protocol/tiles";
import { GLYPH_CELL } from "../plot/drawCells";
import type { TensorScene } from "../plot/scene";
import { cellSize } from "../plot/viewport";
import type { TensorEntry } from "../state/inspectorState";
import { formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { button } from "../ui/controls";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

class ReportNote extends SessionElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        flex: none;
        display: block;
      }
      p {
        padding: 5px 14px;
        border-bottom: 1px solid var(--ties-line);
        font-size: 0.92em;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const notes = this.session?.state.report;
    if (!notes) return nothing;
    const sentences = [
      t("A report of exact statistics, counted over all parameters by TIES Merge {version}.", {
        version: notes.version,
      }),
      t("Pictures: {count} of {all} tensors at no more than {edge} pixels along an edge, {finer} of these at {fine}.", {
        count: formatWhole(notes.pictures),
        all: formatWhole(notes.tensors),
        edge: notes.edge,
        finer: formatWhole(notes.finer),
        fine: notes.finerEdge,
      }),
      t("Single parameters: one block in each of {count} tensors.", { count: formatWhole(notes.parameters) }),
      t("The file keeps to {size} MB; the rest is in the inspector, on the models themselves.", {
        size: Math.round(notes.limitBytes / 1e6),
      }),
    ];
    return html`<aside aria-label=${t("This report")}><p class="muted">${sentences.join(" ")}</p></aside>`;
  }
}

/** What the report holds of the shown tensor. */
class ReportTensorNote extends SessionElement {
  static override properties = {
    ...SessionElement.properties,
    tensor: { attribute: false },
    scene: { attribute: false },
  };
  static override styles = [
    sharedStyles,
    css`
      p {
        padding: 0 14px 8px;
        font-size: 0.92em;
      }
    `,
  ];

  declare tensor: TensorEntry | undefined;
  declare scene: TensorScene | undefined;

  override render(): TemplateResult | typeof nothing {
    const { session, tensor, scene } = this;
    const { report, opened } = session?.state ?? { report: null, opened: null };
    if (!report || !opened || !tensor || !scene) return nothing;
    const stored = report.stored[opened.tensors.indexOf(tensor)];
    if (!stored) return nothing;
    const [rows, columns] = [stored.level, columnLevelOf(stored)].map((level) => formatWhole(2 ** level));
    const { block } = stored;
    return html`<p class="muted number">
      ${
        stored.level === 0 && columnLevelOf(stored) === 0
          ? t("In this report every pixel is a parameter.")
          : t("In this report a pixel is {rows} × {columns} parameters, however far one zooms in.", { rows, columns })
      }
      ${
        block
          ? html`${t("Single parameters: rows {rows}, columns {columns}.", {
              rows: span(block.row, block.rows),
              columns: span(block.column, block.columns),
            })}
            ${button({ label: t("Show them"), onClick: () => showBlock(scene, block) })}`
          : t("Single parameters are not in the file.")
      }
    </p>`;
  }
}

const span = (start: number, count: number): string => `${formatWhole(start)}…${formatWhole(start + count - 1)}`;

/** Pins the middle of the block and goes as near as its single cells can be read. */
function showBlock(scene: TensorScene, block: NonNullable<StoredPictures["block"]>): void {
  const middle = (start: number, count: number): number => start + Math.floor((count - 1) / 2);
  scene.pin({ row: middle(block.row, block.rows), column: middle(block.column, block.columns) });
  scene.zoom((GLYPH_CELL * 1.2) / cellSize(scene.projection));
}

customElements.define("ties-report-note", ReportNote);
customElements.define("ties-report-tensor-note", ReportTensorNote);
