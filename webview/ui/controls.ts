/** The panel's controls, as templates. Views know these functions and nothing of the library behind them. */
import type { TemplateResult } from "lit";
import { css, html } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import type { IconName } from "./icons";
import { icon } from "./icons";
import { ownAttributes } from "./ownAttributes";

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
    placeholder=${placeholder}
    .value=${value}
    @input=${typed}
    ${ownAttributes({ "aria-label": label })}
  ></vscode-text-field>`;
}

/** Shown while something is under way. It is seen, not announced: pictures load all the time. */
export function progressRing(label: string): TemplateResult {
  return html`<vscode-progress-ring
    title=${label}
    ${ownAttributes({ role: "progressbar", "aria-label": label, "aria-live": "off" })}
  ></vscode-progress-ring>`;
}

/** Sizes and motion of the controls, for the style sheets of the views that use them. */
export const controlStyles = css`
  vscode-progress-ring {
    width: 16px;
    height: 16px;
  }
  @media (prefers-reduced-motion: reduce) {
    vscode-progress-ring::part(indeterminate-indicator-1) {
      animation: none;
      stroke-dasharray: 30px 44px;
    }
  }
  :host-context(body.vscode-reduce-motion) vscode-progress-ring::part(indeterminate-indicator-1) {
    animation: none;
    stroke-dasharray: 30px 44px;
  }
`;
