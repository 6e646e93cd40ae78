/** Step: whether adapters are merged factor by factor or by what they change, and the rank that comes out then. */
import * as vscode from "vscode";
import { isForAdapters, measuresChanges } from "../../protocol/mergeSet";
import { adapterRanks, type AdapterRanks } from "./adapterRanks";
import type { MergeChoices } from "./choices";
import { BACK, inputText, pickOne, type Answer, type Choice, type Frame } from "./prompts";
import type { WizardStep } from "./wizard";

/** A rank, or one that is still to be typed. */
type Chosen = { rank: number | undefined } | "other";

export class RankStep implements WizardStep {
  constructor(private readonly choices: MergeChoices) {}

  applies(): boolean {
    return ranksOf(this.choices) !== null;
  }

  async ask(frame: Frame): Promise<Answer<true>> {
    const ranks = ranksOf(this.choices);
    for (;;) {
      const answer = await pickOne<Chosen>(frame, {
        items: ranks ? rankItems(ranks, !measuresChanges(this.choices.method)) : [],
        placeholder: vscode.l10n.t("What of the adapters is to be merged?"),
      });
      if (answer === undefined || answer === BACK) return answer;
      const chosen = answer === "other" ? await this.askRank(frame, ranks?.largest ?? 1) : answer;
      if (chosen === undefined) return undefined;
      if (chosen === BACK) continue;
      this.choices.rank = chosen.rank;
      return true;
    }
  }

  private async askRank(frame: Frame, proposal: number): Promise<Answer<{ rank: number | undefined }>> {
    const answer = await inputText(frame, {
      prompt: vscode.l10n.t("Rank of the merged adapter. The smaller it is, the more of the merged changes is lost."),
      value: String(this.choices.rank ?? proposal),
      problem: (text) => (parseRank(text) === null ? vscode.l10n.t("A whole number above 0.") : undefined),
    });
    return typeof answer === "object" ? { rank: parseRank(answer.text) ?? proposal } : answer;
  }
}

/** The ranks of the adapters, where they are merged with one another by a method that leaves the rank open. */
const ranksOf = ({ base, models, method }: MergeChoices): AdapterRanks | null =>
  base !== "" || isForAdapters(method) ? null : adapterRanks(models);

/** The rank that was asked for, and still has a meaning; undefined: the factors are merged. */
export const chosenRank = (choices: MergeChoices): number | undefined =>
  ranksOf(choices) === null ? undefined : choices.rank;

/** `mayFactors`: whether the method merges factors, too. Only adapters of equal ranks can be. */
function rankItems({ largest, sum, equal }: AdapterRanks, mayFactors: boolean): Choice<Chosen>[] {
  const changes = (rank: number, detail: string): Choice<Chosen> => ({
    label: vscode.l10n.t("What They Change, Factored to Rank {0}", rank),
    detail,
    value: { rank },
  });
  return [
    ...(equal && mayFactors ? [factors()] : []),
    changes(
      largest,
      vscode.l10n.t("The nearest adapter of this rank to the merged change. How near it comes is told at the end."),
    ),
    ...(sum > largest
      ? [changes(sum, vscode.l10n.t("The ranks of all together: a sum or a mean of the adapters loses nothing."))]
      : []),
    { label: vscode.l10n.t("What They Change, Factored to Another Rank…"), value: "other" },
  ];
}

const factors = (): Choice<Chosen> => ({
  label: vscode.l10n.t("Their Factors A and B"),
  detail: vscode.l10n.t("Fast, but the product of merged factors is not the merged change. As PEFT's linear and ties."),
  value: { rank: undefined },
});

const parseRank = (text: string): number | null => {
  const rank = /^\d+$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(rank) && rank > 0 ? rank : null;
};
