/** The shell of the background worker: the engine behind a message port. */
import { parentPort, workerData } from "node:worker_threads";
import type { EngineApi } from "../protocol/engineApi";
import { isClientMessage } from "../protocol/rpc";
import { RpcServer } from "../protocol/rpcServer";
import { createEngine, type EngineOptions } from "./engine";

const port = parentPort;
if (!port) throw new Error("engineWorker runs as a worker thread only");
const server = new RpcServer<EngineApi>(createEngine(workerData as EngineOptions), (message) =>
  port.postMessage(message),
);
port.on("message", (message: unknown) => {
  if (isClientMessage(message)) server.receive(message);
});
