/** A set without task vectors may have its base among the models, as SLERP has: marked, as it cannot interfere. */
import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import type { ModelChoice, MergeSet } from "../../src/protocol/mergeSet";
import { t } from "../text/translate";

const place = (path: string): string => path.replace(/[\\/]+$/, "");

const isBase = ({ path }: Pick<ModelChoice, "path">, { base }: Pick<MergeSet, "base">): boolean =>
  base !== null && place(path) === place(base);

/** For the chip of a model: a word, where it is the base. */
export const baseItself = (
  model: Pick<ModelChoice, "path">,
  set: Pick<MergeSet, "base">,
): TemplateResult | typeof nothing =>
  isBase(model, set) ? html`<span class="muted">${t("the base itself")}</span>` : nothing;

/** What the chip says where it is pointed at. */
export const modelTitle = (model: Pick<ModelChoice, "path">, set: Pick<MergeSet, "base">): string =>
  isBase(model, set)
    ? t("{path}: the base, merged as one of the models. Its task vector is 0.", { path: model.path })
    : model.path;
