/** Share done and time left from the bytes gone through. */
import type { MergeProgress } from "../protocol/engineApi";

/** Time left is not said before this many milliseconds: the first figures mislead. */
const FIRST_ESTIMATE = 1000;

export class ProgressReporter {
  phase: MergeProgress["phase"] = "check";
  tensor = "";
  private readonly started = performance.now();

  constructor(
    private readonly total: number,
    private readonly report: (progress: MergeProgress) => void,
  ) {}

  send(done: number): void {
    const { phase, tensor, total } = this;
    const elapsed = performance.now() - this.started;
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const secondsLeft = elapsed > FIRST_ESTIMATE && share > 0 ? ((elapsed / share) * (1 - share)) / 1000 : null;
    this.report({ phase, tensor, done: Math.min(done, total), total, secondsLeft });
  }

  get seconds(): number {
    return (performance.now() - this.started) / 1000;
  }
}
