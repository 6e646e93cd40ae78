/** One run over a merge set: its shared state with the workers, cancellation, progress and the base of its jobs. */
import type { ComputeApi, JobBase } from "./computeApi";
import type { ComputePool, Job, Result } from "./pool";
import { cancelRun, createRunState, progressOf, throwIfCancelled } from "./runState";

/** How often progress is looked at, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** Who goes first among the jobs of a run; of one in the background everything else goes before. */
const BEHIND = { interactive: "interactive", usual: "background", filler: "background filler" } as const;
export type Urgency = keyof typeof BEHIND;

export class Run {
  private readonly base: JobBase;
  private readonly state = createRunState();

  /** @param inBackground whether it rests while somebody waits for something else. */
  constructor(
    private readonly pool: ComputePool,
    prepared: { labels: JobBase["labels"]; set: { nonFinite: JobBase["nonFinite"] } },
    private readonly inBackground = false,
  ) {
    const gate = inBackground ? pool.gate : null;
    this.base = { state: this.state, gate, labels: prepared.labels, nonFinite: prepared.set.nonFinite };
  }

  /** Bytes of input gone through so far. */
  get done(): number {
    return progressOf(this.state);
  }

  /** Gives one job to the pool; `make` is called when a worker is free for it, unless the run is cancelled. */
  submit<M extends keyof ComputeApi>(
    method: M,
    make: () => Omit<Job<M>, keyof JobBase>,
    urgency: Urgency = "usual",
  ): Promise<Result<M>> {
    const makeJob = (): Job<M> => {
      throwIfCancelled(this.state);
      return { ...make(), ...this.base } as Job<M>;
    };
    return this.pool.run(method, makeJob, this.inBackground ? BEHIND[urgency] : urgency);
  }

  /** Runs one job on every worker that there is, one after the other, also when the run is cancelled. */
  onEach<M extends keyof ComputeApi>(method: M, job: Job<M>): Promise<void> {
    return this.pool.onEach(method, job);
  }

  /**
   * Runs `work`; `signal` cancels the workers between two chunks, `report` is called about ten times a second and
   * at the end. When `work` fails, the workers stop too, and the error comes when they have.
   */
  async during<T>(signal: AbortSignal, report: (done: number) => void, work: () => Promise<T>): Promise<T> {
    const cancel = (): void => cancelRun(this.state);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const timer = setInterval(() => report(this.done), PROGRESS_INTERVAL);
    try {
      const value = await work();
      report(this.done);
      return value;
    } finally {
      clearInterval(timer);
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Runs all tasks; after the first failure the others are cancelled, and all have settled when it is thrown. */
  async all<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
    const settled = await Promise.allSettled(
      tasks.map((task) =>
        task.catch((error: unknown) => {
          this.failure ??= { error };
          cancelRun(this.state);
          throw error;
        }),
      ),
    );
    if (this.failure) throw this.failure.error;
    return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  }

  private failure: { error: unknown } | null = null;
}
