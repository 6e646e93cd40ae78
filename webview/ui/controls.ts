/** The panel's controls, as templates. Views know these functions and nothing of the library behind them. */
import type { TemplateResult } from "lit";
import { css, html } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import { live } from "lit/directives/live.js";
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
  const changed = (event: Event): void => {
    const now = (event.target as HTMLElement & { checked: boolean }).checked;
    // The library says so, too, when it is the view that sets the property: that is no choice of anybody.
    if (now !== checked) onChange(now);
  };
  // The listener stands first, so that it is this view's when the property is set.
  return html`<vscode-checkbox @change=${changed} .checked=${checked}>${label}</vscode-checkbox>`;
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

export interface SelectOptions<Value extends string> {
  label: string;
  disabled?: boolean;
  value: Value;
  groups: readonly { label: string; options: readonly { value: Value; label: string }[] }[];
  onChange: (value: Value) => void;
}

/** A list to choose from; groups without a label stand loose. The platform's own: the library has no groups. */
export function select<Value extends string>({
  label,
  value,
  groups,
  onChange,
  disabled = false,
}: SelectOptions<Value>): TemplateResult {
  const option = (of: { value: Value; label: string }): TemplateResult =>
    html`<option value=${of.value} ?selected=${of.value === value}>${of.label}</option>`;
  const changed = (event: Event): void => onChange((event.target as HTMLSelectElement).value as Value);
  return html`<select aria-label=${label} ?disabled=${disabled} .value=${live(value)} @change=${changed}>
    ${groups.map((group) =>
      group.label === ""
        ? group.options.map(option)
        : html`<optgroup label=${group.label}>${group.options.map(option)}</optgroup>`,
    )}
  </select>`;
}

export interface NumberFieldOptions {
  label: string;
  value: number;
  min: number;
  /** Called with numbers above `min` only. */
  onChange: (value: number) => void;
}

export function numberField({ label, value, min, onChange }: NumberFieldOptions): TemplateResult {
  const changed = (event: Event): void => {
    const typed = (event.target as HTMLInputElement).valueAsNumber;
    if (typed > min) onChange(typed);
  };
  return html`<input
    type="number"
    step="any"
    min=${min}
    aria-label=${label}
    title=${label}
    .value=${String(value)}
    @change=${changed}
  />`;
}

export interface SliderOptions {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** The value in words, where the number alone says too little. */
  valueText?: string;
  disabled?: boolean;
  onInput: (value: number) => void;
}

/** Moves while it is dragged. The platform's own: the library has none. */
export function slider({
  label,
  value,
  valueText,
  disabled = false,
  onInput,
  ...range
}: SliderOptions): TemplateResult {
  const moved = (event: Event): void => onInput((event.target as HTMLInputElement).valueAsNumber);
  return html`<input
    type="range"
    min=${range.min}
    max=${range.max}
    step=${range.step}
    aria-label=${label}
    aria-valuetext=${ifDefined(valueText)}
    ?disabled=${disabled}
    .value=${live(String(value))}
    @input=${moved}
  />`;
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
  select,
  input[type="number"] {
    height: 26px;
    padding: 0 6px;
    border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
    border-radius: 4px;
    background: var(--vscode-dropdown-background);
    color: var(--vscode-dropdown-foreground);
    font: inherit;
  }
  select {
    max-width: 100%;
  }
  input[type="number"] {
    width: 6em;
    border-color: var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
    background: var(--vscode-input-background);
    color: var(--vscode-input-foreground);
  }
  input[type="range"] {
    width: 112px;
    height: 24px;
    margin: 0;
    appearance: none;
    background: none;
    cursor: pointer;
  }
  /* Drawn here: beside an accent of little contrast the platform's track is white in a dark theme. */
  input[type="range"]::-webkit-slider-runnable-track {
    height: 4px;
    border-radius: 2px;
    background: color-mix(in srgb, var(--vscode-foreground) 35%, transparent);
  }
  input[type="range"]::-webkit-slider-thumb {
    width: 14px;
    height: 14px;
    margin-top: -5px;
    border-radius: 50%;
    background: var(--vscode-button-background, var(--vscode-focusBorder));
    appearance: none;
  }
  input[type="range"]:disabled::-webkit-slider-thumb {
    opacity: 0.5;
  }
  input[type="range"]:disabled {
    cursor: default;
  }
  input[type="range"]:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
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
