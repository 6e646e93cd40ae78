/**
 * One remote call, whatever it crosses (worker thread or webview): typed messages in both directions.
 * Every call settles with `result` or `error`; `cancel` asks for the latter.
 */
import type { ErrorData } from "./errors";

export interface CallMessage {
  kind: "call";
  id: number;
  method: string;
  params: unknown;
}
export interface CancelMessage {
  kind: "cancel";
  id: number;
}
export type ClientMessage = CallMessage | CancelMessage;

export interface ResultMessage {
  kind: "result";
  id: number;
  value: unknown;
}
export interface ErrorMessage {
  kind: "error";
  id: number;
  error: ErrorData;
}
export interface ProgressMessage {
  kind: "progress";
  id: number;
  value: unknown;
}
export type ServerMessage = ResultMessage | ErrorMessage | ProgressMessage;

/** What the called side may use while a call runs. */
export interface CallContext<Progress = never> {
  readonly signal: AbortSignal;
  progress(value: Progress): void;
}

/** What the calling side may give. */
export interface CallOptions<Progress = never> {
  signal?: AbortSignal;
  onProgress?: (value: Progress) => void;
}

/** An API is one interface of methods `(params, context) => Promise<result>`; this is its caller's view. */
export type Remote<Api> = {
  [M in keyof Api]: Api[M] extends (params: infer P, context: CallContext<infer G>) => Promise<infer R>
    ? (params: P, options?: CallOptions<G>) => Promise<R>
    : never;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isId = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** Whether a value from the other side is a message that a server accepts. */
export function isClientMessage(value: unknown): value is ClientMessage {
  if (!isRecord(value) || !isId(value.id)) return false;
  return value.kind === "cancel" || (value.kind === "call" && typeof value.method === "string");
}

/** Whether a value from the other side is a message that a caller accepts. */
export function isServerMessage(value: unknown): value is ServerMessage {
  if (!isRecord(value) || !isId(value.id)) return false;
  if (value.kind === "error") return isRecord(value.error) && typeof value.error.code === "string";
  return value.kind === "result" || value.kind === "progress";
}
