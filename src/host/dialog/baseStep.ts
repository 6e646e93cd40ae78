/** Step: the base θ₀. Proposed with its reason, confirmed by the person. */
import * as vscode from "vscode";
import { checkpointName, type RankedBase } from "../checkpoints/proposeBase";
import { baseReason } from "./baseReason";
import { browse, browseIcons, browseLabels, type Browse } from "./browse";
import type { Candidates } from "./candidates";
import type { MergeChoices } from "./choices";
import { pickOne, type Answer, type Choice, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

export class BaseStep implements WizardStep {
  constructor(
    private readonly choices: MergeChoices,
    private readonly candidates: Candidates,
  ) {}

  applies(): boolean {
    return true;
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    for (;;) {
      const answer = await pickOne<string | { browse: Browse }>(frame, {
        items: this.allItems(),
        waiting: vscode.l10n.t("Comparing the checkpoints…"),
        placeholder: vscode.l10n.t("Which checkpoint were the models fine-tuned from?"),
      });
      if (typeof answer !== "object") return this.remember(answer);
      const [path] = await browse(answer.browse, { many: false, title: frame.title });
      if (path === undefined) continue;
      await this.candidates.add(path);
      return this.remember(path);
    }
  }

  private remember(answer: Answer<string>): Answer<true> {
    if (typeof answer !== "string") return answer;
    this.choices.base = answer;
    const { selection } = this.candidates;
    // Several chosen in the explorer are all the models there are; one alone is only a start.
    this.choices.models = selection.map(({ path }) => path).filter((path) => path !== answer);
    return true;
  }

  private async allItems(): Promise<Choice<string | { browse: Browse }>[]> {
    const items = this.items(await this.candidates.rankedBases());
    return (await this.candidates.mayBeAdapters()) ? [...items, noBase()] : items;
  }

  private items(ranked: readonly RankedBase[]): Choice<string | { browse: Browse }>[] {
    const groups: [string, readonly RankedBase[]][] = [
      [vscode.l10n.t("Proposed"), ranked.filter(({ proposed }) => proposed)],
      [vscode.l10n.t("Selected"), ranked.filter((base) => !base.proposed && this.candidates.isSelected(base.path))],
      [
        vscode.l10n.t("In the workspace"),
        ranked.filter((base) => !base.proposed && !this.candidates.isSelected(base.path)),
      ],
    ];
    const shown = groups.filter(([, bases]) => bases.length > 0);
    return [
      ...shown.flatMap(([label, bases]) => [separator(label), ...bases.map(baseItem)]),
      separator(vscode.l10n.t("Elsewhere")),
      ...browseItems(),
    ];
  }
}

function baseItem({ path, evidence }: RankedBase): Choice<string> {
  const detail = baseReason(evidence);
  return {
    label: checkpointName(path),
    description: vscode.workspace.asRelativePath(path),
    value: path,
    ...(detail ? { detail } : {}),
  };
}

const noBase = (): Choice<string> => ({
  label: vscode.l10n.t("No Base: Merge Adapters with One Another"),
  detail: vscode.l10n.t("Gives an adapter; the model itself is not needed."),
  value: "",
  alwaysShow: true,
});

export const separator = (label: string): Choice<never> => ({ label, kind: vscode.QuickPickItemKind.Separator });

export const browseItems = (): Choice<{ browse: Browse }>[] =>
  (["browse-folder", "browse-file"] as const).map((what) => ({
    label: browseLabels()[what],
    iconPath: browseIcons[what],
    value: { browse: what },
    alwaysShow: true,
  }));
