/** In a report that stands for itself: what it is, of which models, of when, and what its words mean. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { ReportPage } from "../../src/protocol/reportFile";
import type { ShownSet } from "../state/inspectorState";
import { fileName } from "../text/fileName";
import { glossary } from "../text/glossary";
import { methodName } from "../text/methodName";
import { t } from "../text/translate";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

class ReportTitle extends SessionElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        flex: none;
        display: block;
        padding: 10px 14px 8px;
        overflow-wrap: anywhere;
      }
      h1 {
        margin: 0 0 2px;
        font-size: 1.45em;
        font-weight: 600;
      }
      details {
        margin-top: 4px;
      }
      summary {
        width: fit-content;
        color: var(--vscode-textLink-foreground);
        cursor: pointer;
      }
      .words {
        max-height: 50vh;
        overflow: auto;
      }
      dl {
        columns: 380px auto;
        column-gap: 32px;
        margin: 6px 0 2px;
      }
      dl > div {
        break-inside: avoid;
        padding-bottom: 6px;
      }
      dt {
        font-weight: 600;
      }
      dd {
        margin: 0;
      }
      @media print {
        .words {
          max-height: none;
          overflow: visible;
        }
        details:not([open]) {
          display: none;
        }
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { report = null, opened = null } = this.session?.state ?? {};
    if (!report || !opened) return nothing;
    return html`<section aria-labelledby="title">
      <h1 id="title">${titleOf(opened.set)}</h1>
      <p class="muted">${[...placesOf(opened.set), writtenOn(report)].join(" · ")}</p>
      <details>
        <summary>${t("What do these words mean?")}</summary>
        <div class="words" tabindex="0" role="group" aria-label=${t("What do these words mean?")}>
          <dl>
            ${glossary().map(
              ({ word, meaning }) =>
                html`<div>
                  <dt>${word}</dt>
                  <dd>${meaning}</dd>
                </div>`,
            )}
          </dl>
        </div>
      </details>
    </section>`;
  }
}

function titleOf(set: ShownSet): string {
  const values = { count: set.models.length, method: methodName(set) };
  return set.models.length === 1
    ? t("Interference in one model merged with {method}", values)
    : t("Interference of {count} models merged with {method}", values);
}

const placesOf = ({ base, models }: ShownSet): string[] => [
  ...(base === null ? [] : [t("Base: {base}", { base: fileName(base) })]),
  t("Models: {models}", { models: models.map(({ name }) => name).join(", ") }),
];

const writtenOn = ({ written }: ReportPage): string =>
  new Date(written).toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });

customElements.define("ties-report-title", ReportTitle);
