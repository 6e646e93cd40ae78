/** Long work in steps: now and then whoever came in the meantime is heard. */

/** Longest that anybody waits to be heard, in milliseconds; a single step may take longer. */
const LONGEST_WAIT_MS = 3;
/** Entries after which the clock is looked at: a fraction of a millisecond. */
const ENTRIES_AT_ONCE = 1 << 14;
/** What it costs to turn to a tensor, a row or an order, in entries. */
const TURN = 256;

export class Breather {
  private gone = 0;
  private since = performance.now();

  /** @param between may throw to cancel. */
  constructor(private readonly between: () => Promise<void>) {}

  /** Takes note of what was done. @returns what to await where it took long: a promise at every step costs more. */
  after(turns: number, entries = 0): Promise<void> | null {
    this.gone += turns * TURN + entries;
    if (this.gone < ENTRIES_AT_ONCE) return null;
    this.gone = 0;
    return performance.now() - this.since < LONGEST_WAIT_MS ? null : this.pause();
  }

  private async pause(): Promise<void> {
    await this.between();
    this.since = performance.now();
  }
}
