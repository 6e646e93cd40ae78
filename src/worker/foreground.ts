/**
 * What a person waits for goes first: while an answer is under way, and a moment longer where the next question is
 * likely to follow, passes in the background rest. They are told when they must, and when they may go on.
 */
export class Foreground {
  private underWay = 0;
  private restsUntil = 0;
  private timer: NodeJS.Timeout | null = null;
  private isHeld = false;
  private readonly waiting = new Set<() => void>();

  /** @param onChange whether passes in the background are held. */
  constructor(private readonly onChange: (held: boolean) => void) {}

  /** Does `work` before everything else. @param restMs how long what is in the background rests afterwards. */
  async during<T>(work: () => Promise<T>, restMs: number): Promise<T> {
    this.underWay++;
    this.tell();
    try {
      return await work();
    } finally {
      this.underWay--;
      this.restsUntil = Math.max(this.restsUntil, performance.now() + restMs);
      this.tell();
    }
  }

  /** Settles when nothing is held: what is in the background may begin. Rejects never; `signal` only ends the wait. */
  async rest(signal: AbortSignal): Promise<void> {
    if (!this.isHeld || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.waiting.delete(go);
        signal.removeEventListener("abort", go);
        resolve();
      };
      this.waiting.add(go);
      signal.addEventListener("abort", go, { once: true });
    });
  }

  private tell(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const rest = this.restsUntil - performance.now();
    const held = this.underWay > 0 || rest > 0;
    // A rest alone keeps no process alive.
    if (this.underWay === 0 && rest > 0) this.timer = setTimeout(() => this.tell(), Math.ceil(rest)).unref();
    if (held === this.isHeld) return;
    this.isHeld = held;
    this.onChange(held);
    if (!held) for (const go of [...this.waiting]) go();
  }
}
