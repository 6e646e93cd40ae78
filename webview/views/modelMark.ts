/**
 * A model's mark: a colour, and a glyph as the second channel, so that it is told apart without colours, too. Both
 * follow from the number that the model was given when the set was opened, not from where it stands in a list.
 */
import type { TemplateResult } from "lit";
import { css, html } from "lit";
import type { ShownModel } from "../state/inspectorState";
import { setStyle } from "./setStyle";

export type Marked = Pick<ShownModel, "mark">;

export const MODEL_COLORS = 8;
const GLYPHS = ["round", "square", "diamond", "triangle"] as const;
export type ModelGlyph = (typeof GLYPHS)[number];

export const modelColor = ({ mark }: Marked): string => `var(--ties-model-${mark % MODEL_COLORS})`;

/** Neighbours differ in it, and so do models whose colours are the same because there are no more of them. */
export const modelGlyph = ({ mark }: Marked): ModelGlyph =>
  GLYPHS[(mark + Math.floor(mark / MODEL_COLORS)) % GLYPHS.length] ?? "round";

export const modelMark = (model: Marked): TemplateResult =>
  html`<span class="mark ${modelGlyph(model)}" aria-hidden="true" ${setStyle({ "--mark": modelColor(model) })}></span>`;

export const modelMarkStyles = css`
  .mark {
    display: inline-block;
    flex: none;
    width: 9px;
    height: 9px;
    background: var(--mark);
    vertical-align: baseline;
    forced-color-adjust: none;
  }
  .mark.round {
    border-radius: 50%;
  }
  .mark.square {
    border-radius: 1px;
  }
  .mark.diamond {
    clip-path: polygon(50% -8%, 108% 50%, 50% 108%, -8% 50%);
  }
  .mark.triangle {
    clip-path: polygon(50% 0, 104% 100%, -4% 100%);
  }
`;
