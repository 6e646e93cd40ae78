/** One computation of the exact statistics that several callers wait for. */
import type { TrimRule } from "../engine/merge/trim";
import type { InspectProgress } from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import type { InterferenceReport, TensorStatistics } from "../protocol/report";
import type { CallContext } from "../protocol/rpc";
import type { ComputePool } from "./pool";
import type { PreparedSet } from "./preparedSet";
import { processTensors, workBytes } from "./process";
import { ReportBuilder } from "./report";
import { Run } from "./run";

interface ReportHooks {
  onRules(tensor: number, rules: TrimRule[]): void;
  onSettled(report: InterferenceReport | null): void;
}

export class SharedReport {
  private readonly controller = new AbortController();
  private readonly listeners = new Set<CallContext<InspectProgress>>();
  private readonly result: Promise<InterferenceReport>;
  private rows: TensorStatistics[] = [];

  constructor(
    prepared: PreparedSet,
    pool: ComputePool,
    closed: AbortSignal,
    private readonly hooks: ReportHooks,
  ) {
    const signal = AbortSignal.any([this.controller.signal, closed]);
    this.result = this.compute(prepared, pool, signal).then(
      (report) => {
        hooks.onSettled(report);
        return report;
      },
      (error: unknown) => {
        hooks.onSettled(null);
        throw error;
      },
    );
    this.result.catch(() => undefined);
  }

  /** Waits with the others; a caller that cancels leaves, and the last one to leave stops the computation. */
  join(context: CallContext<InspectProgress>): Promise<InterferenceReport> {
    this.listeners.add(context);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.listeners.delete(context);
        if (this.listeners.size === 0) this.controller.abort();
        reject(new MergeError("cancelled", { where: "" }));
      };
      context.signal.addEventListener("abort", leave, { once: true });
      this.result.then(resolve, reject).finally(() => context.signal.removeEventListener("abort", leave));
      if (context.signal.aborted) leave();
    });
  }

  private async compute(prepared: PreparedSet, pool: ComputePool, signal: AbortSignal): Promise<InterferenceReport> {
    const builder = new ReportBuilder(prepared);
    const run = new Run(pool, prepared, true);
    const total = workBytes(prepared, true);
    let phase: InspectProgress["phase"] = "trim";
    let tensor = "";
    let sent = -1;
    const send = (done: number): void => {
      // While it rests there is nothing to tell.
      if (done === sent && this.rows.length === 0) return;
      sent = done;
      const rows = this.rows.splice(0);
      for (const { progress } of this.listeners) progress({ phase, tensor, done: Math.min(done, total), total, rows });
    };
    await run.during(signal, send, () =>
      processTensors(prepared, run, {
        output: null,
        statistics: true,
        onTensor: (index, results, rules) => {
          const tallies = results.map(({ tally }) => tally);
          this.hooks.onRules(index, rules);
          this.rows.push(builder.add(index, tallies, rules));
        },
        onStart: (newPhase, index) => {
          phase = newPhase === "trim" ? "trim" : "statistics";
          tensor = prepared.tensors[index].name;
        },
      }),
    );
    return builder.build();
  }
}
