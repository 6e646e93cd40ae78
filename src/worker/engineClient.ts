/** The engine on a background thread: the caller's event loop does nothing but pass messages on. */
import { Worker } from "node:worker_threads";
import type { EngineApi } from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import { isServerMessage, type Remote } from "../protocol/rpc";
import { RpcClient } from "../protocol/rpcClient";
import type { EngineOptions } from "./engine";
import { NO_FLAGS, workerScript } from "./workerScript";

export interface EngineWorker {
  readonly api: Remote<EngineApi>;
  /** Whether the thread still runs; a dead one rejects every call with `worker-died`. */
  readonly alive: boolean;
  /** Ends the thread and its compute workers; calls that wait reject with `cancelled`. */
  dispose(): Promise<void>;
}

/** Tens of thousands of tensors are opened without collecting garbage again and again. */
const YOUNG_MB = 64;

/** Starts the thread; it begins its workers when there is work. */
export function startEngineWorker(options: EngineOptions = {}): EngineWorker {
  const thread = new Worker(workerScript("engineWorker"), {
    workerData: options,
    execArgv: NO_FLAGS,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const client = new RpcClient<EngineApi>((message) => thread.postMessage(message));
  let alive = true;
  const lost = (message: string): void => {
    alive = false;
    client.close(new MergeError("worker-died", { where: "", message }));
  };
  thread.on("message", (message: unknown) => {
    if (isServerMessage(message)) client.receive(message);
  });
  thread.on("error", (error) => lost(error instanceof Error ? error.message : String(error)));
  thread.on("exit", (code) => lost(`exit code ${code}`));
  return {
    api: client.api,
    get alive() {
      return alive;
    },
    async dispose() {
      alive = false;
      client.close(new MergeError("cancelled", { where: "" }));
      await thread.terminate();
    },
  };
}
