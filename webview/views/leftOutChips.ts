/** Models of which nothing could be opened: among those of the bar, at their places, marked as left out. */
import type { nothing, TemplateResult } from "lit";
import { html } from "lit";
import type { BrokenModel } from "../../src/protocol/engineApi";
import type { OpenedSet } from "../state/inspectorState";
import { brokenText } from "../text/brokenText";
import { t } from "../text/translate";
import { modelMark, type Marked } from "./modelMark";

type Chip = TemplateResult | typeof nothing;

/** @param chips of the models that the set has, in their order. */
export function withLeftOut({ set, brokenModels = [] }: OpenedSet, chips: readonly Chip[]): Chip[] {
  const marks = new Set(set.models.map(({ mark }) => mark));
  const leftOut = brokenModels.filter((model) => model.leftOut);
  const all: Chip[] = [];
  for (let mark = 0, shown = 0, left = 0; shown < chips.length || left < leftOut.length; mark++) {
    const chip = marks.has(mark) || left >= leftOut.length ? chips[shown++] : leftOutChip(leftOut[left++], { mark });
    if (chip) all.push(chip);
  }
  return all;
}

const leftOutChip = (model: BrokenModel | undefined, marked: Marked): TemplateResult | null =>
  model
    ? html`<span class="chip off left-out" title=${`${model.path}\n${brokenText([model.error])}`}>
        ${modelMark(marked)}<b>${model.model}</b> <span>⚠ ${t("(left out)")}</span>
      </span>`
    : null;
