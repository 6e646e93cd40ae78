/**
 * One computation of the statistics that several may watch: a webview that is hidden and shown again
 * is a new one, and must neither start it over nor miss the rows that came in between.
 */
import type { InspectProgress } from "../../protocol/engineApi";
import { MergeError } from "../../protocol/errors";
import type { InterferenceReport, TensorStatistics } from "../../protocol/report";
import type { CallContext, CallOptions } from "../../protocol/rpc";

export class StatisticsRun {
  hasFailed = false;
  private readonly stopper = new AbortController();
  private readonly watchers = new Set<CallContext<InspectProgress>>();
  private readonly rows: TensorStatistics[] = [];
  private latest: InspectProgress | null = null;
  private isRunning = true;
  private readonly report: Promise<InterferenceReport>;

  constructor(start: (options: CallOptions<InspectProgress>) => Promise<InterferenceReport>) {
    this.report = start({ signal: this.stopper.signal, onProgress: (progress) => this.pass(progress) });
    this.report
      .catch(() => (this.hasFailed = true))
      .finally(() => {
        this.isRunning = false;
        this.rows.length = 0;
      });
  }

  /** Waits for the report; leaving early (its signal) leaves the computation to the others. */
  async join(context: CallContext<InspectProgress>): Promise<InterferenceReport> {
    if (this.isRunning && this.latest) context.progress({ ...this.latest, rows: [...this.rows] });
    this.watchers.add(context);
    try {
      return await Promise.race([this.report, whenAborted(context.signal)]);
    } finally {
      this.watchers.delete(context);
    }
  }

  stopUnwatched(): void {
    if (this.watchers.size === 0) this.stop();
  }

  stop(): void {
    if (!this.isRunning) return;
    this.hasFailed = true;
    this.stopper.abort();
  }

  private pass(progress: InspectProgress): void {
    this.rows.push(...progress.rows);
    this.latest = progress;
    for (const watcher of this.watchers) watcher.progress(progress);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (): void => reject(new MergeError("cancelled", { where: "" }));
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
  });
}
