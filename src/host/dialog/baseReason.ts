/** Why a checkpoint is proposed as base, or what speaks against it, in words. */
import * as vscode from "vscode";
import type { BaseEvidence } from "../checkpoints/proposeBase";

export function baseReason(evidence: BaseEvidence): string {
  const { others, namedBy, namesAnother, namedLikeBase, sameLayout, otherLayout, otherVocabulary, otherArchitecture } =
    evidence;
  const reasons = [
    namedBy > 0 && vscode.l10n.t("{0} of {1} say they were made from it", namedBy, others),
    namedLikeBase && vscode.l10n.t("its name says that it is a base"),
    namesAnother && vscode.l10n.t("says that it was made from another of these"),
    others > 0 &&
      sameLayout === others &&
      otherVocabulary === 0 &&
      vscode.l10n.t("same tensors and shapes as all the others"),
    otherVocabulary > 0 &&
      vscode.l10n.t("other vocabulary rows or tied weights than {0} of {1}; can be merged", otherVocabulary, others),
    otherLayout > 0 && vscode.l10n.t("other tensors or shapes than {0} of {1}", otherLayout, others),
    otherArchitecture > 0 && vscode.l10n.t("other architecture than {0} of {1}", otherArchitecture, others),
  ];
  return reasons.filter((reason) => reason !== false).join(" · ");
}
