/** Step: how far SLERP goes from the base to the other model. */
import * as vscode from "vscode";
import type { MergeChoices } from "./choices";
import { parseShare } from "./densityStep";
import { inputText, type Answer, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

export class InterpolationStep implements WizardStep {
  constructor(private readonly choices: MergeChoices) {}

  applies(): boolean {
    return this.choices.method === "slerp";
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    const answer = await inputText(frame, {
      prompt: vscode.l10n.t("t: how far from the base (0) to the other model (1)."),
      value: String(this.choices.t),
      problem: (text) => (parseShare(text) === null ? vscode.l10n.t("A number from 0 to 1.") : undefined),
    });
    if (typeof answer !== "object") return answer;
    this.choices.t = parseShare(answer.text) ?? this.choices.t;
    return true;
  }
}
