/** A tensor's name in two parts. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";

/** A name with its last part, mostly `.weight`, set back. */
export function splitName(label: string): TemplateResult {
  const dot = label.lastIndexOf(".");
  return html`<span class="text start">${dot > 0 ? label.slice(0, dot) : label}</span>${
      dot > 0 ? html`<span class="ending muted">${label.slice(dot)}</span>` : nothing
    }`;
}
