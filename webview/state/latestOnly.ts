/** One call at a time: what is asked for while one is under way waits, and only the last of it is done. */
export class LatestOnly<Request> {
  private running: Promise<void> | null = null;
  private waiting: { request: Request } | null = null;

  constructor(private readonly work: (request: Request) => Promise<void>) {}

  /** Settles when nothing waits any more. */
  ask(request: Request): Promise<void> {
    this.waiting = { request };
    this.running ??= this.run();
    return this.running;
  }

  private async run(): Promise<void> {
    try {
      for (let next = this.waiting; next; next = this.waiting) {
        this.waiting = null;
        await this.work(next.request);
      }
    } finally {
      this.running = null;
    }
  }
}
