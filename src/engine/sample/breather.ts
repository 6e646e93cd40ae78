/** Long work in steps: now and then whoever came in the meantime is heard. */

/** Entries gone through at once: some milliseconds. */
const ENTRIES_AT_ONCE = 1 << 17;
/** What it costs to turn to a tensor, a row or an order, in entries. */
const TURN = 256;

export class Breather {
  private gone = 0;

  /** @param between may throw to cancel. */
  constructor(private readonly between: () => Promise<void>) {}

  /** Takes note of what was done. @returns what to await where it has become much: a promise at every step costs more. */
  after(turns: number, entries = 0): Promise<void> | null {
    this.gone += turns * TURN + entries;
    if (this.gone < ENTRIES_AT_ONCE) return null;
    this.gone = 0;
    return this.between();
  }
}
