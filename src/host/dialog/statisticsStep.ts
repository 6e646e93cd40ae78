/** Step: the statistics of each model, for the methods that weigh with them. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { checkpointName } from "../checkpoints/proposeBase";
import type { MergeChoices } from "./choices";
import { BACK, pickOne, type Answer, type Choice, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

type Statistics = "fisher" | "gram";

/** How such files are called, beside a model's weights. */
const FILE_NAMES: Readonly<Record<Statistics, RegExp>> = {
  fisher: /fisher.*\.safetensors$/i,
  gram: /gram.*\.safetensors$/i,
};

const BROWSE = "";

export class StatisticsStep implements WizardStep {
  constructor(private readonly choices: MergeChoices) {}

  applies(): boolean {
    return statisticsOf(this.choices) !== null;
  }

  /** One question a model; "back" leads to the model before. */
  async ask(frame: Frame): Promise<Answer<true>> {
    const { models } = this.choices;
    const statistics = statisticsOf(this.choices) ?? "fisher";
    const chosen: string[] = [];
    while (chosen.length < models.length) {
      const answer = await askFile(frame, models[chosen.length] ?? "", statistics);
      if (answer === undefined || (answer === BACK && chosen.length === 0)) return answer;
      if (answer === BACK) chosen.pop();
      else chosen.push(answer);
    }
    this.choices.statistics = chosen;
    return true;
  }
}

/** What the method needs of each model beside its weights. */
export const statisticsOf = ({ method }: MergeChoices): Statistics | null =>
  method === "fisher" ? "fisher" : method === "regmean" ? "gram" : null;

async function askFile(frame: Frame, model: string, statistics: Statistics): Promise<Answer<string>> {
  for (;;) {
    const name = checkpointName(model);
    const answer = await pickOne<string>(frame, {
      items: foundFiles(model, statistics),
      placeholder:
        statistics === "fisher"
          ? vscode.l10n.t("Which file holds the Fisher values of {0}?", name)
          : vscode.l10n.t("Which file holds the Gram matrices of {0}?", name),
    });
    if (answer !== BROWSE) return answer;
    const [uri] =
      (await vscode.window.showOpenDialog({
        title: frame.title,
        openLabel: vscode.l10n.t("Choose"),
        defaultUri: vscode.Uri.file(model),
        filters: { safetensors: ["safetensors"] },
      })) ?? [];
    if (uri) return uri.fsPath;
  }
}

/** Files in the model's folder whose names say it, and one from anywhere. */
async function foundFiles(model: string, statistics: Statistics): Promise<Choice<string>[]> {
  const names = await readdir(model).catch((): string[] => []);
  const found = names.filter((name) => FILE_NAMES[statistics].test(name)).map((name) => join(model, name));
  return [
    ...found.map((path) => ({
      label: basename(path),
      description: vscode.workspace.asRelativePath(path),
      value: path,
    })),
    { label: vscode.l10n.t("Browse…"), value: BROWSE },
  ];
}
