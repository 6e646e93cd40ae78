/** `tiesMerge.merge`: asks what is to be merged, and merges it. */
import { askMerge, type DialogServices } from "../dialog/mergeDialog";
import { showFailure } from "../failure";
import type { MergeRunner } from "../merge/mergeRunner";
import { explorerSelection } from "./explorerSelection";

export async function mergeCommand(
  services: DialogServices & { runner: MergeRunner },
  uri: unknown,
  uris: unknown,
): Promise<void> {
  const { runner, log } = services;
  try {
    if (!(await runner.mayStart())) return;
    const selection = await explorerSelection(uri, uris);
    const chosen = selection && (await askMerge(services, selection));
    if (chosen) await runner.run(chosen.set, chosen.out);
  } catch (error) {
    await showFailure(log, error);
  }
}
