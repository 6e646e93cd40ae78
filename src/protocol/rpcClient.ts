/** The calling side of rpc.ts over any channel that carries structured clones. */
import { fromErrorData, MergeError } from "./errors";
import type { CallOptions, ClientMessage, Remote, ServerMessage } from "./rpc";

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress: ((value: never) => void) | undefined;
  stopListening(): void;
}

export class RpcClient<Api> {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private closedBy: Error | null = null;

  constructor(private readonly post: (message: ClientMessage) => void) {}

  /** The API as an object of methods. */
  readonly api: Remote<Api> = new Proxy({} as Remote<Api>, {
    get: (_, method) => (params: unknown, options?: CallOptions<never>) => this.call(String(method), params, options),
  });

  /** Calls a method. When `signal` fires the other side is asked to cancel; the call settles when it has. */
  call(method: string, params: unknown, { signal, onProgress }: CallOptions<never> = {}): Promise<unknown> {
    if (this.closedBy) return Promise.reject(this.closedBy);
    if (signal?.aborted) return Promise.reject(new MergeError("cancelled", { where: "" }));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const cancel = (): void => this.post({ kind: "cancel", id });
      signal?.addEventListener("abort", cancel, { once: true });
      const stopListening = (): void => signal?.removeEventListener("abort", cancel);
      this.pending.set(id, { resolve, reject, onProgress, stopListening });
      this.post({ kind: "call", id, method, params });
    });
  }

  /** Takes a message of the other side. */
  receive(message: ServerMessage): void {
    const call = this.pending.get(message.id);
    if (!call) return;
    if (message.kind === "progress") {
      call.onProgress?.(message.value as never);
      return;
    }
    this.pending.delete(message.id);
    call.stopListening();
    if (message.kind === "result") call.resolve(message.value);
    else call.reject(fromErrorData(message.error));
  }

  /** The channel is gone: every call that waits, and every later one, rejects with `reason`. */
  close(reason: Error): void {
    this.closedBy ??= reason;
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const call of waiting) {
      call.stopListening();
      call.reject(reason);
    }
  }
}
