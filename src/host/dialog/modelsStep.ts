/** Step: the models θ₁…θ_N. Skipped where the explorer's selection has already named them. */
import * as vscode from "vscode";
import { comparePaths } from "../checkpoints/findInFiles";
import { checkpointName } from "../checkpoints/proposeBase";
import { browseItems } from "./baseStep";
import { browse, browseIcons, browseLabels, type Browse } from "./browse";
import type { Candidates, RankedModel } from "./candidates";
import type { MergeChoices } from "./choices";
import { pickMany, pickOne, type Answer, type Choice, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

export class ModelsStep implements WizardStep {
  constructor(
    private readonly choices: MergeChoices,
    private readonly candidates: Candidates,
  ) {}

  applies(): boolean {
    return this.candidates.selection.length < 2;
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    for (;;) {
      const others = this.candidates.list.some(({ path }) => path !== this.choices.base);
      const answer = await (others ? this.pick(frame) : pickOne(frame, browseOnly()));
      if (typeof answer !== "object") return answer;
      if ("chosen" in answer) this.choices.models = answer.chosen;
      const what = "browse" in answer ? answer.browse : answer.button;
      if (what === undefined) return this.finish();
      for (const path of await browse(what, { many: true, title: frame.title })) {
        if (path === this.choices.base) continue;
        await this.candidates.add(path);
        this.choices.models = [...new Set([...this.choices.models, path])];
      }
    }
  }

  /** The order in which models were clicked says nothing: the same models give the same merge. */
  private finish(): true {
    this.choices.models = [...this.choices.models].sort(comparePaths);
    return true;
  }

  private pick(frame: Frame): Promise<Answer<{ chosen: string[]; button: Browse | undefined }>> {
    const labels = browseLabels();
    return pickMany<string, Browse>(frame, {
      items: this.items(),
      waiting: vscode.l10n.t("Comparing the checkpoints…"),
      placeholder: vscode.l10n.t("Which models were fine-tuned from it?"),
      chooseOne: vscode.l10n.t("Choose at least one model."),
      selected: (path) => this.choices.models.includes(path),
      buttons: (["browse-folder", "browse-file"] as const).map((what) => ({
        button: { iconPath: browseIcons[what], tooltip: labels[what] },
        value: what,
      })),
    });
  }

  private async items(): Promise<Choice<string>[]> {
    const models = await this.candidates.rankedModels(this.choices.base);
    return models.map((model) => {
      const detail = detailOf(model);
      return {
        label: checkpointName(model.path),
        description: vscode.workspace.asRelativePath(model.path),
        value: model.path,
        ...(detail ? { detail } : {}),
      };
    });
  }
}

/** What of a model is not as in the base, and whether a merge bridges it. */
function detailOf({ fits, difference }: RankedModel): string {
  if (fits === false) return vscode.l10n.t("other tensors or shapes than the base");
  const { rows, copies } = difference ?? {};
  const parts = [
    rows &&
      vscode.l10n.t("{0} rows of vocabulary, the base {1}: those that all have can be merged", rows.own, rows.base),
    copies === "fewer" && vscode.l10n.t("stores tied weights once, the base twice: can be merged"),
    copies === "more" && vscode.l10n.t("stores tied weights twice, the base once: can be merged"),
  ];
  return parts.filter((part) => typeof part === "string").join(" · ");
}

const browseOnly = (): { items: Choice<{ browse: Browse }>[]; placeholder: string } => ({
  items: browseItems(),
  placeholder: vscode.l10n.t("The workspace holds no other checkpoint. Where are the models?"),
});
