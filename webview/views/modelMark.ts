/** A model's mark: its colour, and a shape as the second channel where the eight colours begin again. */
import type { TemplateResult } from "lit";
import { css, html } from "lit";
import { setStyle } from "./setStyle";

const COLORS = 8;
const SHAPES = ["round", "square"] as const;

export const modelColor = (model: number): string => `var(--ties-model-${model % COLORS})`;

export function modelMark(model: number): TemplateResult {
  const shape = SHAPES[Math.floor(model / COLORS) % SHAPES.length] ?? "round";
  return html`<span class="mark ${shape}" aria-hidden="true" ${setStyle({ "--mark": modelColor(model) })}></span>`;
}

export const modelMarkStyles = css`
  .mark {
    display: inline-block;
    flex: none;
    width: 9px;
    height: 9px;
    background: var(--mark);
    vertical-align: baseline;
  }
  .mark.round {
    border-radius: 50%;
  }
  .mark.square {
    border-radius: 1px;
  }
`;
