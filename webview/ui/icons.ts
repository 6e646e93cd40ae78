/** Pictures of the icon buttons, drawn in the colour of their text. */
import type { SVGTemplateResult, TemplateResult } from "lit";
import { html, svg } from "lit";

const SHAPES = {
  zoomIn: svg`<path d="M8 3v10M3 8h10" />`,
  zoomOut: svg`<path d="M3 8h10" />`,
  fit: svg`<path d="M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3" />`,
  previous: svg`<path d="M10 3 5 8l5 5" />`,
  next: svg`<path d="M6 3l5 5-5 5" />`,
  close: svg`<path d="M4 4l8 8M12 4l-8 8" />`,
  chevronRight: svg`<path d="M6 4l4 4-4 4" />`,
  chevronDown: svg`<path d="M4 6l4 4 4-4" />`,
  copy: svg`<path d="M6 6h7v7H6zM10 6V3H3v7h3" />`,
  download: svg`<path d="M8 2.5v7M4.8 6.6 8 9.8l3.2-3.2M3 13h10" />`,
  columns: svg`<path d="M3 3h10v10H3zM6.5 3v10M10 3v10" />`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof SHAPES;

export function icon(name: IconName): TemplateResult {
  return html`<svg
    aria-hidden="true"
    width="16"
    height="16"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.4"
  >
    ${SHAPES[name]}
  </svg>`;
}
