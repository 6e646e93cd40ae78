/**
 * Compute workers: started when there is work for them, one job at a time each. A worker that dies fails the
 * job it was on with `worker-died` and is replaced when the next job needs it.
 */
import { Worker } from "node:worker_threads";
import { MergeError } from "../protocol/errors";
import { isServerMessage } from "../protocol/rpc";
import { RpcClient } from "../protocol/rpcClient";
import type { ComputeApi } from "./computeApi";

export type Job<M extends keyof ComputeApi> = Parameters<ComputeApi[M]>[0];
export type Result<M extends keyof ComputeApi> = Awaited<ReturnType<ComputeApi[M]>>;

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
  private readonly waiting: Waiting[] = [];
  private closed = false;

  /** @param size most workers at a time; @param script path of the bundled computeWorker. */
  constructor(
    public size: number,
    private readonly script: string,
  ) {}

  /** Runs one job on the next free worker; it is made when that one is there. Jobs start in the order given. */
  run<M extends keyof ComputeApi>(method: M, makeJob: () => Job<M>): Promise<Result<M>> {
    if (this.closed) return Promise.reject(new MergeError("cancelled", { where: "" }));
    return new Promise((resolve, reject) => {
      this.waiting.push({
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

  /** Ends all workers; jobs under way or waiting reject. */
  async close(): Promise<void> {
    this.closed = true;
    const reason = new MergeError("cancelled", { where: "" });
    for (const { fail } of this.waiting.splice(0)) fail(reason);
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

  private startWaiting(): void {
    while (this.waiting.length > 0 && (this.idle.length > 0 || this.workers.size < this.size)) {
      const worker = this.idle.pop() ?? this.spawn();
      this.waiting.shift()?.start(worker);
    }
  }

  private release(worker: PoolWorker): void {
    if (!this.workers.has(worker)) return;
    this.idle.push(worker);
    this.startWaiting();
  }

  private spawn(): PoolWorker {
    const thread = new Worker(this.script);
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
