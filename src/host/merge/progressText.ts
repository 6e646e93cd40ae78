/** A merge's progress in one line: what is done, the tensor, the share, the time left. */
import * as vscode from "vscode";
import type { MergeProgress } from "../../protocol/engineApi";

export function progressText(progress: MergeProgress): string {
  const share = `${Math.floor(shareDone(progress) * 100)} %`;
  const { secondsLeft, tensor } = progress;
  const left = secondsLeft === null ? "" : timeLeft(secondsLeft);
  return [share, left, phaseText(progress.phase), tensor].filter((part) => part !== "").join(" · ");
}

/** 0 to 1. */
export const shareDone = ({ done, total }: MergeProgress): number => (total > 0 ? Math.min(1, done / total) : 0);

function phaseText(phase: MergeProgress["phase"]): string {
  switch (phase) {
    case "check":
      return vscode.l10n.t("checking");
    case "trim":
      return vscode.l10n.t("finding thresholds");
    case "merge":
      return vscode.l10n.t("merging");
    case "finish":
      return vscode.l10n.t("writing to disk");
  }
}

function timeLeft(seconds: number): string {
  if (seconds < 60) return vscode.l10n.t("{0} s left", Math.ceil(seconds));
  if (seconds < 3600) return vscode.l10n.t("{0} min left", Math.ceil(seconds / 60));
  return vscode.l10n.t("{0} h {1} min left", Math.floor(seconds / 3600), Math.ceil((seconds % 3600) / 60));
}
