/** The panel's controls, as templates. Views know these functions and nothing of the library behind them. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import type { IconName } from "./icons";
import { icon } from "./icons";

export interface ButtonOptions {
  label: string;
  onClick: () => void;
  primary?: boolean;
  disabled?: boolean;
  title?: string;
}

export function button({ label, onClick, primary = false, disabled = false, title }: ButtonOptions): TemplateResult {
  return html`<vscode-button
    appearance=${primary ? "primary" : "secondary"}
    ?disabled=${disabled}
    title=${ifDefined(title)}
    @click=${onClick}
    >${label}</vscode-button
  >`;
}

export interface IconButtonOptions {
  icon: IconName;
  label: string;
  onClick: () => void;
  disabled?: boolean;
}

/** A button with a picture; its label is its tooltip and its name for assistive technology. */
export function iconButton({ icon: name, label, onClick, disabled = false }: IconButtonOptions): TemplateResult {
  return html`<vscode-button
    appearance="icon"
    aria-label=${label}
    title=${label}
    ?disabled=${disabled}
    @click=${onClick}
    >${icon(name)}</vscode-button
  >`;
}

export interface CheckboxOptions {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function checkbox({ label, checked, onChange }: CheckboxOptions): TemplateResult {
  const changed = (event: Event): void => onChange((event.target as HTMLElement & { checked: boolean }).checked);
  return html`<vscode-checkbox .checked=${checked} @change=${changed}>${label}</vscode-checkbox>`;
}

export interface TextFieldOptions {
  label: string;
  value: string;
  placeholder: string;
  onInput: (value: string) => void;
}

export function textField({ label, value, placeholder, onInput }: TextFieldOptions): TemplateResult {
  const typed = (event: Event): void => onInput((event.target as HTMLElement & { value: string }).value);
  return html`<vscode-text-field
    aria-label=${label}
    placeholder=${placeholder}
    .value=${value}
    @input=${typed}
  ></vscode-text-field>`;
}

/** Shown while something is under way; still where motion is unwanted. */
export function progressRing(label: string, shown = true): TemplateResult | typeof nothing {
  return shown ? html`<vscode-progress-ring role="progressbar" aria-label=${label} title=${label}></vscode-progress-ring>` : nothing;
}
