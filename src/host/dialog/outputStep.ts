/** Step: the folder that the merged model is written to. */
import { access } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { MergeChoices } from "./choices";
import { commonParent, freePath, parseOutput, touchesInput } from "./outputPath";
import { inputText, type Answer, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

const OUTPUT_NAMES = {
  ties: "merged-ties",
  task_arithmetic: "merged-task-arithmetic",
  dare_ties: "merged-dare-ties",
  dare_linear: "merged-dare",
  breadcrumbs: "merged-breadcrumbs",
  breadcrumbs_ties: "merged-breadcrumbs-ties",
  magnitude_prune: "merged-magnitude-prune",
  cat: "merged-cat",
  linear: "merged-average",
  fisher: "merged-fisher",
  regmean: "merged-regmean",
  della: "merged-della",
  della_linear: "merged-della-linear",
  slerp: "merged-slerp",
  model_stock: "merged-model-stock",
  sce: "merged-sce",
} as const;

export class OutputStep implements WizardStep {
  private readonly browseButton: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon("folder-opened"),
    tooltip: vscode.l10n.t("Browse…"),
  };

  constructor(private readonly choices: MergeChoices) {}

  applies(): boolean {
    return true;
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    let value = await this.proposal();
    for (;;) {
      const answer = await inputText(frame, {
        prompt: vscode.l10n.t("Folder for the merged model. It appears when the merge is complete."),
        value,
        problem: (text) => this.problem(text),
        button: this.browseButton,
      });
      if (typeof answer !== "object") return answer;
      if (!answer.button) {
        this.choices.out = parseOutput(answer.text) ?? value;
        return true;
      }
      value = (await this.browse(parseOutput(answer.text) ?? value, frame.title)) ?? value;
    }
  }

  private async proposal(): Promise<string> {
    const { base, models, method } = this.choices;
    const exists = (path: string): Promise<boolean> =>
      access(path).then(
        () => true,
        () => false,
      );
    return freePath(commonParent([base, ...models].filter((path) => path !== "")), OUTPUT_NAMES[method], exists);
  }

  private problem(text: string): string | undefined {
    const out = parseOutput(text);
    if (out === null)
      return vscode.l10n.t("A full path is needed, such as {0}.", vscode.Uri.file("/models/merged").fsPath);
    const { base, models } = this.choices;
    const input = [base, ...models].find((path) => path !== "" && touchesInput(out, path));
    return (
      input && vscode.l10n.t("This would write over {0}, which is an input. Choose another folder.", basename(input))
    );
  }

  private async browse(start: string, title: string): Promise<string | undefined> {
    const uri = await vscode.window.showSaveDialog({
      title,
      defaultUri: vscode.Uri.file(start),
      saveLabel: vscode.l10n.t("Merge Into"),
    });
    return uri?.fsPath;
  }
}
