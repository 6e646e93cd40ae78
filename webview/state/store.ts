/** One value that changes as a whole, and those who follow it. Listeners hear once per turn, however many changes it had. */
export class Store<State extends object> {
  private readonly listeners = new Set<() => void>();
  private notifying = false;

  constructor(private current: State) {}

  get state(): Readonly<State> {
    return this.current;
  }

  update(change: Partial<State>): void {
    this.current = { ...this.current, ...change };
    if (this.notifying) return;
    this.notifying = true;
    queueMicrotask(() => {
      this.notifying = false;
      for (const listener of [...this.listeners]) listener();
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
