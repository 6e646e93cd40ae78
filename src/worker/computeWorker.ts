/** The shell of a compute worker. */
import { parentPort } from "node:worker_threads";
import { isClientMessage } from "../protocol/rpc";
import { RpcServer } from "../protocol/rpcServer";
import type { ComputeApi } from "./computeApi";
import { ComputeService } from "./computeService";

const port = parentPort;
if (!port) throw new Error("computeWorker runs as a worker thread only");
const server = new RpcServer<ComputeApi>(new ComputeService(), (message) => port.postMessage(message));
port.on("message", (message: unknown) => {
  if (isClientMessage(message)) server.receive(message);
});
