/** Passes on as much of a merge's progress as a person can read. */
import type { MergeProgress } from "../../protocol/engineApi";

/** Four messages a second. */
const REPORT_EVERY_MS = 250;

export class ThrottledProgress {
  private lastTime = -Infinity;
  private lastShare = 0;
  private lastPhase = "";

  /** `report` gets each message that is due, and by how much the share done (0 to 1) has grown since the last. */
  constructor(
    private readonly report: (progress: MergeProgress, grown: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  take(progress: MergeProgress): void {
    const isDue = this.now() - this.lastTime >= REPORT_EVERY_MS || progress.phase !== this.lastPhase;
    if (!isDue) return;
    const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
    this.report(progress, Math.max(0, share - this.lastShare));
    this.lastTime = this.now();
    this.lastShare = Math.max(share, this.lastShare);
    this.lastPhase = progress.phase;
  }
}
