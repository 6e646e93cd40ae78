/** What of the set is damaged or missing, and what that means for the figures. */
import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import type { BrokenModel } from "../../src/protocol/engineApi";
import type { ErrorData } from "../../src/protocol/errors";
import { brokenText } from "../text/brokenText";
import { formatWhole } from "../text/numbers";
import { t } from "../text/translate";
import { errorBoxStyles } from "./errorBox";
import { SessionElement } from "./sessionElement";
import { sharedStyles } from "./sharedStyles";

/** Models that are named before the rest is counted. */
const MOST_NAMED = 6;

/** In the place of what cannot be shown. */
export const brokenBox = (reasons: readonly ErrorData[]): TemplateResult =>
  html`<div class="error-box">
    <p>⚠ ${brokenText(reasons)}</p>
  </div>`;

class BrokenNote extends SessionElement {
  static override styles = [
    sharedStyles,
    errorBoxStyles,
    css`
      :host {
        flex: none;
        display: block;
      }
      .error-box {
        display: block;
        margin: 8px 12px 0;
        max-height: 30vh;
        overflow: auto;
      }
      ul {
        margin: 2px 0;
        padding-left: 18px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const opened = this.session?.state.opened;
    const { brokenModels = [], brokenTensors = [] } = opened ?? {};
    if (brokenModels.length === 0 && brokenTensors.length === 0) return nothing;
    const more = brokenModels.length - MOST_NAMED;
    return html`<aside aria-label=${t("Damaged or missing")}>
      <div class="error-box" tabindex="0" role="group" aria-label=${t("Damaged or missing")}>
        <p>
          <b>⚠ ${t("This set is not whole: the figures are of what is there, and it cannot be merged.")}</b>
          ${
            brokenTensors.length > 0
              ? t("Tensors of which nothing is counted: {count}. Map and table say why.", {
                  count: formatWhole(brokenTensors.length),
                })
              : nothing
          }
        </p>
        ${
          brokenModels.length > 0
            ? html`<ul>
                ${brokenModels.slice(0, MOST_NAMED).map((model) => html`<li>${modelText(model)}</li>`)}
                ${more > 0 ? html`<li>${t("and {count} more", { count: more })}</li>` : nothing}
              </ul>`
            : nothing
        }
      </div>
    </aside>`;
  }
}

function modelText({ model, path, error, leftOut }: BrokenModel): TemplateResult {
  const name = model ?? t("base");
  return html`<b title=${path}>${name}</b> ${leftOut ? t("(left out)") : t("(in part)")}: ${brokenText([error])}`;
}

customElements.define("ties-broken-note", BrokenNote);
