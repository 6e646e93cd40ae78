/** Step: the share of each task vector that trimming keeps. */
import * as vscode from "vscode";
import { keepsRandom, keepsShare, keepsVaried } from "../../protocol/mergeSet";
import type { MergeChoices } from "./choices";
import { inputText, type Answer, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

export class DensityStep implements WizardStep {
  constructor(private readonly choices: MergeChoices) {}

  applies(): boolean {
    return keepsShare(this.choices.method) && !keepsVaried(this.choices.method);
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    const answer = await inputText(frame, {
      prompt: keepsRandom(this.choices.method)
        ? vscode.l10n.t(
            "Density: the share of each model's changes that is kept, at random. What is kept grows by 1 / density.",
          )
        : vscode.l10n.t(
            "Density: the share of each model's changes that is kept, the largest first. The paper's 0.2 keeps 20 %.",
          ),
      value: String(this.choices.density),
      problem: (text) => (parseDensity(text) === null ? vscode.l10n.t("A number above 0, up to 1 (all).") : undefined),
    });
    if (typeof answer !== "object") return answer;
    this.choices.density = parseDensity(answer.text) ?? this.choices.density;
    return true;
  }
}

/** A number above 0 and up to 1, with a point or a comma; null for anything else. */
export const parseDensity = (text: string): number | null => parseShare(text) || null;

/** The same from 0 on. */
export function parseShare(text: string): number | null {
  if (!/^\d*[.,]?\d+(e-?\d+)?$/i.test(text)) return null;
  const share = Number(text.replace(",", "."));
  return share <= 1 ? share : null;
}
