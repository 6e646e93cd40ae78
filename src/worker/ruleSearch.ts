/** One search for the trim rules of a unit, which several pictures wait for. */
import { inputBytesPerElement, type TrimUnit } from "../engine/plan/workPlan";
import type { TrimRule } from "../engine/merge/trim";
import { MergeError } from "../protocol/errors";
import type { TileProgress } from "../protocol/tiles";
import type { PreparedSet } from "./preparedSet";
import type { Run } from "./run";
import { trimPasses, trimRulesOfUnit } from "./trimUnit";

type Progress = (value: TileProgress) => void;

export class RuleSearch {
  readonly rules: Promise<TrimRule[]>;
  private readonly waiting = new Set<Progress>();

  constructor(
    unit: TrimUnit,
    during: (report: (done: number) => void, work: (run: Run) => Promise<TrimRule[]>) => Promise<TrimRule[]>,
    prepared: PreparedSet,
  ) {
    const bytes = unit.tensors.reduce((sum, tensor) => {
      const matched = prepared.tensors[tensor];
      return sum + matched.elements * inputBytesPerElement(matched);
    }, 0);
    const total = bytes * trimPasses(unit, prepared.set);
    this.rules = during(
      (done) => {
        for (const progress of this.waiting) {
          progress({ phase: "trim", done: Math.min(done, total), total, partial: null });
        }
      },
      (run) => trimRulesOfUnit(prepared, unit, run),
    );
    // Whoever waits hears of it.
    this.rules.catch(() => undefined);
  }

  /** Waits with the others; who cancels leaves them to it. */
  async wait(signal: AbortSignal, progress: Progress): Promise<TrimRule[]> {
    this.waiting.add(progress);
    let leave = (): void => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new MergeError("cancelled", { where: "" }));
      if (signal.aborted) leave();
      signal.addEventListener("abort", leave, { once: true });
    });
    try {
      return await Promise.race([this.rules, left]);
    } finally {
      this.waiting.delete(progress);
      signal.removeEventListener("abort", leave);
    }
  }
}
