/** Step: the method of the merge. */
import * as vscode from "vscode";
import type { Method } from "../../protocol/mergeSet";
import type { MergeChoices } from "./choices";
import { pickOne, type Answer, type Choice, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

export class MethodStep implements WizardStep {
  constructor(private readonly choices: MergeChoices) {}

  applies(): boolean {
    return true;
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    const answer = await pickOne<Method>(frame, {
      items: methodItems(this.choices.base === "").filter(({ value }) => value !== undefined && this.fits(value)),
      placeholder: vscode.l10n.t("How are they to be merged?"),
    });
    if (typeof answer !== "string") return answer;
    this.choices.method = answer;
    return true;
  }

  /** SLERP goes between two models, Model Stock measures angles among several, SCE their variance. */
  private fits(method: Method): boolean {
    const { base, models } = this.choices;
    const all = new Set([base, ...models].filter((path) => path !== "")).size;
    if (method === "slerp") return all === 2;
    if (method === "model_stock") return base !== "" && all > 2;
    return method !== "sce" || all > (base === "" ? 1 : 2);
  }
}

const methodItems = (onlyAdapters: boolean): Choice<Method>[] => [
  {
    label: "TIES",
    value: "ties",
    detail: vscode.l10n.t(
      "Keeps each model's largest changes, elects a sign for every parameter, averages those that agree.",
    ),
  },
  {
    label: vscode.l10n.t("Task arithmetic"),
    value: "task_arithmetic",
    detail: vscode.l10n.t("Adds all changes to the base; opposite changes cancel each other."),
  },
  {
    label: "DARE-TIES",
    value: "dare_ties",
    detail: vscode.l10n.t(
      "Keeps random changes of each model, the share density, and divides them by it; then elects signs as TIES. For fine-tunes whose changes are many and small.",
    ),
  },
  {
    label: "DARE",
    value: "dare_linear",
    detail: vscode.l10n.t(
      "Keeps random changes of each model, the share density, divides them by it and adds them to the base, as task arithmetic does.",
    ),
  },
  {
    label: "Breadcrumbs",
    value: "breadcrumbs",
    detail: vscode.l10n.t(
      "Drops each tensor's very largest changes, the share gamma (1 %), and small ones until the share density is left; adds the rest to the base. For many fine-tunes with outliers.",
    ),
  },
  {
    label: "Breadcrumbs-TIES",
    value: "breadcrumbs_ties",
    detail: vscode.l10n.t("Drops what Breadcrumbs drops, then elects signs as TIES."),
  },
  {
    label: vscode.l10n.t("Magnitude pruning"),
    value: "magnitude_prune",
    detail: vscode.l10n.t(
      "Keeps each tensor's largest changes, the share density, and adds them to the base; PEFT's magnitude_prune. For few fine-tunes that do not conflict.",
    ),
  },
  ...(onlyAdapters ? [concatenation()] : []),
  {
    label: vscode.l10n.t("Average"),
    value: "linear",
    detail: vscode.l10n.t("The mean of the models' parameters."),
  },
  {
    label: vscode.l10n.t("Fisher merging"),
    value: "fisher",
    detail: vscode.l10n.t(
      "A mean that weighs each parameter by how much its model needs it; for models whose Fisher values you have saved.",
    ),
  },
  {
    label: "RegMean",
    value: "regmean",
    detail: vscode.l10n.t(
      "Solves for the weights whose outputs come nearest to every model's; for models whose layers' Gram matrices you have saved.",
    ),
  },
  {
    label: "DELLA",
    value: "della",
    detail: vscode.l10n.t(
      "Keeps random changes of each model, the larger ones of a row the likelier (the share density ± epsilon), and divides them by it; then elects signs as TIES. For fine-tunes that DARE thins out too blindly.",
    ),
  },
  {
    label: "DELLA-linear",
    value: "della_linear",
    detail: vscode.l10n.t("Drops what DELLA drops and adds the rest to the base, as task arithmetic does."),
  },
  {
    label: "SLERP",
    value: "slerp",
    detail: vscode.l10n.t(
      "Turns each tensor of the base towards the other model's on an arc, by the share t of the angle. For two models that are far apart, whose mean would be too short.",
    ),
  },
  {
    label: "Model Stock",
    value: "model_stock",
    detail: vscode.l10n.t(
      "Moves each tensor from the base towards the models' mean, the less the further their changes point apart. For fine-tunes of one task; it has no parameters.",
    ),
  },
  {
    label: "SCE",
    value: "sce",
    detail: vscode.l10n.t(
      "Selects in each tensor the parameters that the models differ in most (the share select_topk), weighs each model by the squares of its changes and erases those against the elected sign. For chat models of unlike training; it finds the weights itself.",
    ),
  },
];

const concatenation = (): Choice<Method> => ({
  label: vscode.l10n.t("Concatenation"),
  value: "cat",
  detail: vscode.l10n.t(
    "Puts the adapters' ranks side by side: exactly the sum of their changes, in an adapter of all ranks together. For few adapters of small rank.",
  ),
});
