/** One labelled setting of a merge set. */
import type { TemplateResult } from "lit";
import { html } from "lit";

/** An item of a description list. */
export function field(label: TemplateResult | string, content: TemplateResult): TemplateResult {
  return html`<div class="field">
    <dt>${label}</dt>
    <dd>${content}</dd>
  </div>`;
}
