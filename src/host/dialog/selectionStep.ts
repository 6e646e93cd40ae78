/** Step: the share of each tensor's parameters that SCE selects. */
import * as vscode from "vscode";
import { keepsVaried } from "../../protocol/mergeSet";
import type { MergeChoices } from "./choices";
import { parseDensity } from "./densityStep";
import { inputText, type Answer, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

export class SelectionStep implements WizardStep {
  constructor(private readonly choices: MergeChoices) {}

  applies(): boolean {
    return keepsVaried(this.choices.method);
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    const answer = await inputText(frame, {
      prompt: vscode.l10n.t(
        "select_topk: the share of each tensor's parameters that is merged, those that the models differ in most.",
      ),
      value: String(this.choices.selectTopk),
      problem: (text) => (parseDensity(text) === null ? vscode.l10n.t("A number above 0, up to 1 (all).") : undefined),
    });
    if (typeof answer !== "object") return answer;
    this.choices.selectTopk = parseDensity(answer.text) ?? this.choices.selectTopk;
    return true;
  }
}
