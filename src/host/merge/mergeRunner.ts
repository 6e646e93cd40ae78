/** Runs a merge in the engine's thread: one progress notification, then one message with what came of it. */
import { basename } from "node:path";
import * as vscode from "vscode";
import type { EngineApi, MergeProgress, MergeResult, OutputChoice } from "../../protocol/engineApi";
import { toErrorData } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";
import type { Remote } from "../../protocol/rpc";
import { errorText } from "../../engine/plan/factoring";
import { formatBytes } from "../../engine/units";
import { changeMismatched } from "../dialog/mismatchQuestion";
import type { EngineKeeper } from "../engineKeeper";
import { isCancelled, showFailure } from "../failure";
import { readSettings } from "../settings";
import { mayWrite } from "../trust";
import { logPlan } from "./logPlan";
import { askOverwrite, askResume, askStartOver, hasUnfinished } from "./mergeQuestions";
import { progressText } from "./progressText";
import { reveal } from "./reveal";
import { ThrottledProgress } from "./throttledProgress";

export interface RunnerOptions {
  keeper: EngineKeeper;
  log: vscode.LogOutputChannel;
  /** A checkpoint was written. */
  onWritten(): void;
  openInspector(set: MergeSet): Promise<void>;
}

interface MergeJob {
  set: MergeSet;
  output: OutputChoice;
}

interface RunContext {
  api: Remote<EngineApi>;
  signal: AbortSignal;
  onProgress(progress: MergeProgress): void;
}

export class MergeRunner {
  /** Output of the merge that runs. One at a time: two would share the memory limit and the disk. */
  private running: string | null = null;

  constructor(private readonly options: RunnerOptions) {}

  /** Whether a merge may begin now; where not, says why. */
  async mayStart(): Promise<boolean> {
    if (!(await mayWrite())) return false;
    if (this.running === null) return true;
    await vscode.window.showWarningMessage(vscode.l10n.t("A merge into {0} is running.", basename(this.running)), {
      modal: true,
      detail: vscode.l10n.t("Wait until it ends, or cancel it."),
    });
    return false;
  }

  /** Merges `set` into `out`; settles when the person has closed the message about it. */
  async run(set: MergeSet, out: string): Promise<void> {
    if (!(await this.mayStart())) return;
    try {
      const { shardSize } = readSettings(this.options.log);
      const output = { out, shardSize, overwrite: false, resume: false };
      const result = await this.exclusively(out, () => this.withNotification({ set, output }));
      if (result) await this.tellDone(set, result);
    } catch (error) {
      await this.tellFailed(error, out);
    }
  }

  private async exclusively<T>(out: string, work: () => Promise<T>): Promise<T> {
    this.running = out;
    try {
      return await work();
    } finally {
      this.running = null;
    }
  }

  /** Undefined when the person was asked something and left. */
  private async withNotification(job: MergeJob): Promise<MergeResult | undefined> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: vscode.l10n.t("Merging into {0}", basename(job.output.out)),
    };
    return vscode.window.withProgress(options, (progress, token) => {
      const canceller = new AbortController();
      token.onCancellationRequested(() => canceller.abort());
      const throttle = new ThrottledProgress((value, grown) => {
        progress.report({ message: progressText(value), increment: grown * 100 });
      });
      return this.options.keeper.use((api) =>
        this.merge(job, { api, signal: canceller.signal, onProgress: (value) => throttle.take(value) }),
      );
    });
  }

  private async merge({ set, output }: MergeJob, context: RunContext): Promise<MergeResult | undefined> {
    const begun = await outputToBegin(output);
    let wanted: MergeJob | undefined = begun && { set, output: begun };
    while (wanted) {
      try {
        const result = await this.planAndMerge(wanted, context);
        this.noteResult(result);
        return result;
      } catch (error) {
        wanted = await changeAfter(error, wanted);
      }
    }
    return undefined;
  }

  private async planAndMerge(job: MergeJob, { api, signal, onProgress }: RunContext): Promise<MergeResult> {
    logPlan(this.options.log, await api.plan(job, { signal }));
    return api.merge({ ...job, statistics: false }, { signal, onProgress });
  }

  private noteResult(result: MergeResult): void {
    const { out, files, bytes, seconds, resumedTensors, nonFinite, baseNonFinite, factoring } = result;
    const { log, onWritten } = this.options;
    onWritten();
    log.info(`Merged into ${out}: ${files.length} files, ${formatBytes(bytes)}, ${seconds.toFixed(1)} s`);
    if (resumedTensors > 0) log.info(`  ${resumedTensors} tensors were finished before`);
    if (factoring) log.info(`  factored to rank ${factoring.rank}, relative error ${errorText(factoring.error)}`);
    if (nonFinite > baseNonFinite) log.warn(`  ${nonFinite - baseNonFinite} NaN or Inf: the base's value was taken`);
    if (baseNonFinite > 0) log.warn(`  ${baseNonFinite} NaN or Inf in the base itself: left as they are`);
  }

  private async tellDone(set: MergeSet, result: MergeResult): Promise<void> {
    const [revealIt, inspect, showLog] = [
      vscode.l10n.t("Reveal"),
      vscode.l10n.t("Open Inspector"),
      vscode.l10n.t("Show Log"),
    ];
    const answer = await vscode.window.showInformationMessage(doneText(result), revealIt, inspect, showLog);
    if (answer === showLog) this.options.log.show();
    try {
      if (answer === revealIt) await reveal(result.out);
      if (answer === inspect) await this.options.openInspector(set);
    } catch (error) {
      await showFailure(this.options.log, error);
    }
  }

  private async tellFailed(error: unknown, out: string): Promise<void> {
    if (!isCancelled(error)) return showFailure(this.options.log, error);
    this.options.log.info(`Cancelled: ${out}`);
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Merge cancelled; there is no {0}. Merge again to go on from what was finished.", basename(out)),
    );
  }
}

/** The output as the person wants it where an earlier merge into it was broken off; undefined when they left. */
async function outputToBegin(output: OutputChoice): Promise<OutputChoice | undefined> {
  if (!(await hasUnfinished(output.out))) return output;
  const answer = await askResume(output.out);
  return answer && { ...output, resume: answer === "resume" };
}

/** The merge as the person wants it after `error`; undefined when they left. Throws what no answer can mend. */
async function changeAfter(error: unknown, { set, output }: MergeJob): Promise<MergeJob | undefined> {
  const { code } = toErrorData(error);
  if (code === "output-exists" && !output.overwrite) {
    return (await askOverwrite(output.out)) && { set, output: { ...output, overwrite: true } };
  }
  if (code === "resume-changed" && output.resume) {
    return (await askStartOver(output.out)) && { set, output: { ...output, resume: false } };
  }
  const changed = await changeMismatched(error, set);
  return changed && { set: changed, output };
}

function doneText({ out, bytes, seconds, nonFinite, baseNonFinite, factoring }: MergeResult): string {
  const time = seconds.toFixed(seconds < 10 ? 1 : 0);
  return [
    vscode.l10n.t("Merged into {0} ({1}, {2} s).", basename(out), formatBytes(bytes), time),
    factoring &&
      vscode.l10n.t("Factored to rank {0} with a relative error of {1}.", factoring.rank, errorText(factoring.error)),
    nonFinite > baseNonFinite &&
      vscode.l10n.t("{0} values were NaN or Inf and took the base's value.", nonFinite - baseNonFinite),
    baseNonFinite > 0 && vscode.l10n.t("Values left NaN or Inf, as they are in the base itself: {0}.", baseNonFinite),
  ]
    .filter((sentence) => typeof sentence === "string")
    .join(" ");
}
