/**
 * Compute workers: started when there is work for them, one job at a time each. A worker that dies fails the
 * job it was on with `worker-died` and is replaced when the next job needs it.
 */
import { Worker } from "node:worker_threads";
import { MergeError } from "../protocol/errors";
import { isServerMessage } from "../protocol/rpc";
import { RpcClient } from "../protocol/rpcClient";
import type { ComputeApi } from "./computeApi";
import { Foreground } from "./foreground";
import { closeGate, createGate } from "./runState";
import { NO_FLAGS } from "./workerScript";

export type Job<M extends keyof ComputeApi> = Parameters<ComputeApi[M]>[0];
export type Result<M extends keyof ComputeApi> = Awaited<ReturnType<ComputeApi[M]>>;

/** What lives short in a worker is small: a larger young generation only holds garbage for longer. */
const WORKER_OPTIONS = { resourceLimits: { maxYoungGenerationSizeMb: 8 }, execArgv: NO_FLAGS };

/**
 * Who goes first: what a person waits for, the passes over large units, what fills their gaps; and the same of runs in
 * the background, which are held while a person waits.
 */
const URGENCIES = ["interactive", "usual", "filler", "background", "background filler"] as const;
type Urgency = (typeof URGENCIES)[number];
const isBackground = (urgency: Urgency): boolean => urgency.startsWith("background");

interface Waiting {
  start(worker: PoolWorker): void;
  fail(error: Error): void;
}

interface PoolWorker {
  thread: Worker;
  client: RpcClient<ComputeApi>;
}

export class ComputePool {
  private readonly workers = new Set<PoolWorker>();
  private readonly idle: PoolWorker[] = [];
  private readonly waiting = new Map<Urgency, Waiting[]>(URGENCIES.map((urgency) => [urgency, []]));
  private closed = false;
  private isHeld = false;
  /** Where jobs in the background that have begun wait while they are held. */
  readonly gate = createGate();
  /** Work before which the background makes room. */
  readonly foreground = new Foreground((held) => this.hold(held));

  /** @param size most workers at a time; @param script path of the bundled computeWorker. */
  constructor(
    public size: number,
    private readonly script: string,
  ) {}

  /** Runs one job on the next free worker; it is made when that one is there. Equally urgent jobs start in order. */
  run<M extends keyof ComputeApi>(method: M, makeJob: () => Job<M>, urgency: Urgency = "usual"): Promise<Result<M>> {
    if (this.closed) return Promise.reject(new MergeError("cancelled", { where: "" }));
    return new Promise((resolve, reject) => {
      this.waiting.get(urgency)?.push({
        start: (worker) => {
          Promise.resolve()
            .then(() => worker.client.call(method, makeJob()))
            .then((value) => resolve(value as Result<M>), reject)
            .finally(() => this.release(worker));
        },
        fail: reject,
      });
      this.startWaiting();
    });
  }

  /** Runs one job on every worker that there is, whatever else it has to do. */
  async onAll<M extends keyof ComputeApi>(method: M, job: Job<M>): Promise<void> {
    await Promise.all([...this.workers].map(({ client }) => client.call(method, job)));
  }

  /** The same, one worker after the other. */
  async onEach<M extends keyof ComputeApi>(method: M, job: Job<M>): Promise<void> {
    for (const worker of [...this.workers]) if (this.workers.has(worker)) await worker.client.call(method, job);
  }

  /** Ends all workers; jobs under way or waiting reject. */
  async close(): Promise<void> {
    this.closed = true;
    const reason = new MergeError("cancelled", { where: "" });
    for (const queue of this.waiting.values()) for (const { fail } of queue.splice(0)) fail(reason);
    const workers = [...this.workers];
    this.workers.clear();
    this.idle.length = 0;
    await Promise.all(
      workers.map(({ thread, client }) => {
        client.close(reason);
        return thread.terminate();
      }),
    );
  }

  /** The most urgent first. */
  private startWaiting(): void {
    for (const [urgency, queue] of this.waiting) {
      if (this.isHeld && isBackground(urgency)) continue;
      while (queue.length > 0 && (this.idle.length > 0 || this.workers.size < this.size)) {
        const worker = this.idle.pop() ?? this.spawn();
        queue.shift()?.start(worker);
      }
    }
    this.setGate();
  }

  private hold(held: boolean): void {
    this.isHeld = held;
    this.startWaiting();
  }

  /** What waits for a worker gets one sooner when the jobs that have begun come to their end. */
  private setGate(): void {
    const isWaitedFor = [...this.waiting].some(([urgency, queue]) => queue.length > 0 && !isBackground(urgency));
    closeGate(this.gate, this.isHeld && !isWaitedFor);
  }

  /** Starts workers that will be needed, so that they are there when the first of `jobs` come. */
  warm(jobs: number): void {
    while (!this.closed && this.workers.size < Math.min(this.size, jobs)) this.idle.push(this.spawn());
  }

  private release(worker: PoolWorker): void {
    if (!this.workers.has(worker)) return;
    this.idle.push(worker);
    this.startWaiting();
  }

  private spawn(): PoolWorker {
    const thread = new Worker(this.script, WORKER_OPTIONS);
    const client = new RpcClient<ComputeApi>((message) => thread.postMessage(message));
    const worker: PoolWorker = { thread, client };
    const lost = (message: string): void => {
      if (!this.workers.delete(worker)) return;
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
      client.close(new MergeError("worker-died", { where: "", message }));
      this.startWaiting();
    };
    thread.on("message", (message: unknown) => {
      if (isServerMessage(message)) client.receive(message);
    });
    thread.on("error", (error) => lost(error instanceof Error ? error.message : String(error)));
    thread.on("exit", (code) => lost(`exit code ${code}`));
    this.workers.add(worker);
    return worker;
  }
}
