/** Step: the method of the merge. */
import * as vscode from "vscode";
import type { Method } from "../../protocol/mergeSet";
import { statisticsKey } from "../../engine/plan/mergeSetInput";
import { adapterRanks } from "./adapterRanks";
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

  /**
   * SLERP goes between two models, Model Stock measures angles among several, SCE their variance. Fisher values and Gram matrices are
   * those of whole models, and only LoRA adapters have ranks to concatenate.
   */
  private fits(method: Method): boolean {
    const { base, models } = this.choices;
    const others = new Set(models.filter((path) => path !== base)).size;
    if (method === "slerp") return others === (base === "" ? 2 : 1);
    if (method === "model_stock" || method === "sce") return others > 1;
    if (method === "cat") return adapterRanks(models) !== null;
    return base !== "" || statisticsKey(method) === null;
  }
}

const methodItems = (onlyAdapters: boolean): Choice<Method>[] => [
  item(
    "ties",
    "TIES",
    vscode.l10n.t("Keeps each model's largest changes, elects a sign for every parameter, averages those that agree."),
  ),
  item(
    "task_arithmetic",
    vscode.l10n.t("Task arithmetic"),
    vscode.l10n.t("Adds all changes to the base; opposite changes cancel each other."),
  ),
  item(
    "dare_ties",
    "DARE-TIES",
    vscode.l10n.t(
      "Keeps random changes of each model, the share density, and divides them by it; then elects signs as TIES. For fine-tunes whose changes are many and small.",
    ),
  ),
  item(
    "dare_linear",
    "DARE",
    vscode.l10n.t(
      "Keeps random changes of each model, the share density, divides them by it and adds them to the base, as task arithmetic does.",
    ),
  ),
  item(
    "breadcrumbs",
    "Breadcrumbs",
    vscode.l10n.t(
      "Drops each tensor's very largest changes, the share gamma (1 %), and small ones until the share density is left; adds the rest to the base. For many fine-tunes with outliers.",
    ),
  ),
  item(
    "breadcrumbs_ties",
    "Breadcrumbs-TIES",
    vscode.l10n.t("Drops what Breadcrumbs drops, then elects signs as TIES."),
  ),
  item(
    "magnitude_prune",
    vscode.l10n.t("Magnitude pruning"),
    vscode.l10n.t(
      "Keeps each tensor's largest changes, the share density, and adds them to the base; PEFT's magnitude_prune. For few fine-tunes that do not conflict.",
    ),
  ),
  ...(onlyAdapters ? [concatenation()] : []),
  item("linear", vscode.l10n.t("Average"), vscode.l10n.t("The mean of the models' parameters.")),
  item(
    "fisher",
    vscode.l10n.t("Fisher merging"),
    vscode.l10n.t(
      "A mean that weighs each parameter by how much its model needs it; for models whose Fisher values you have saved.",
    ),
  ),
  item(
    "regmean",
    "RegMean",
    vscode.l10n.t(
      "Solves for the weights whose outputs come nearest to every model's; for models whose layers' Gram matrices you have saved.",
    ),
  ),
  item(
    "della",
    "DELLA",
    vscode.l10n.t(
      "Keeps random changes of each model, the larger ones of a row the likelier (the share density ± epsilon), and divides them by it; then elects signs as TIES. For fine-tunes that DARE thins out too blindly.",
    ),
  ),
  item(
    "della_linear",
    "DELLA-linear",
    vscode.l10n.t("Drops what DELLA drops and adds the rest to the base, as task arithmetic does."),
  ),
  item(
    "slerp",
    "SLERP",
    vscode.l10n.t(
      "Turns each tensor of the base towards the other model's on an arc, by the share t of the angle. For two models that are far apart, whose mean would be too short.",
    ),
  ),
  item(
    "model_stock",
    "Model Stock",
    vscode.l10n.t(
      "Moves each tensor from the base towards the models' mean, the less the further their changes point apart. For fine-tunes of one task; it has no parameters.",
    ),
  ),
  item(
    "sce",
    "SCE",
    vscode.l10n.t(
      "Selects in each tensor the parameters that the models differ in most (the share select_topk), weighs each model by the squares of its changes and erases those against the elected sign. For chat models of unlike training; it finds the weights itself.",
    ),
  ),
];

const concatenation = (): Choice<Method> =>
  item(
    "cat",
    vscode.l10n.t("Concatenation"),
    vscode.l10n.t(
      "Puts the adapters' ranks side by side: exactly the sum of their changes, in an adapter of all ranks together. For few adapters of small rank.",
    ),
  );

const item = (value: Method, label: string, detail: string): Choice<Method> => ({ label, value, detail });
