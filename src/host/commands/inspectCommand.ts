/** `tiesMerge.inspect`: asks which models are to be compared, and shows where they interfere. */
import * as vscode from "vscode";
import type { MergeSet } from "../../protocol/mergeSet";
import { askInspection, type DialogServices } from "../dialog/mergeDialog";
import { changeMismatched } from "../dialog/mismatchQuestion";
import { showFailure } from "../failure";
import { explorerSelection } from "./explorerSelection";

export interface InspectorOpener {
  open(set: MergeSet): Promise<void>;
}

export async function inspectCommand(
  services: DialogServices & { inspectors: InspectorOpener },
  uri: unknown,
  uris: unknown,
): Promise<void> {
  const { inspectors, log } = services;
  try {
    const selection = await explorerSelection(uri, uris);
    let set = selection && (await askInspection(services, selection));
    while (set) set = await openOrChange(inspectors, set);
  } catch (error) {
    await showFailure(log, error);
  }
}

/** Opens the inspector, or gives the set as the person wants it where its checkpoints do not match. */
async function openOrChange(inspectors: InspectorOpener, set: MergeSet): Promise<MergeSet | undefined> {
  try {
    await openInspector(inspectors, set);
    return undefined;
  } catch (error) {
    return changeMismatched(error, set);
  }
}

/** Opens the inspector; a slow disk shows in the status bar. */
export async function openInspector(inspectors: InspectorOpener, set: MergeSet): Promise<void> {
  const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Opening the inspector") };
  await vscode.window.withProgress(options, () => inspectors.open(set));
}
