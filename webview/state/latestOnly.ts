/** One call at a time: what is asked for while one is under way waits, and only the last of it is done. */
export class LatestOnly<Request> {
  private running = false;
  private waiting: { request: Request } | null = null;

  constructor(private readonly work: (request: Request) => Promise<void>) {}

  ask(request: Request): void {
    this.waiting = { request };
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      for (let next = this.waiting; next; next = this.waiting) {
        this.waiting = null;
        await this.work(next.request);
      }
    } finally {
      this.running = false;
    }
  }
}
