/** The called side of rpc.ts over any channel that carries structured clones. */
import { MergeError, toErrorData } from "./errors";
import type { CallContext, CallMessage, ClientMessage, ServerMessage } from "./rpc";

type Method = (params: unknown, context: CallContext<unknown>) => Promise<unknown>;

export type PostToClient = (message: ServerMessage) => void;

export class RpcServer<Api extends object> {
  private readonly running = new Map<number, AbortController>();

  constructor(
    private readonly api: Api,
    private readonly post: PostToClient,
    /** Refuses a call whose parameters are not those of its method. */
    private readonly accepts: (method: string, params: unknown) => boolean = () => true,
  ) {}

  /** Takes a message of the other side. */
  receive(message: ClientMessage): void {
    if (message.kind === "cancel") this.running.get(message.id)?.abort();
    else void this.run(message);
  }

  /** The channel is gone: cancels every call that runs. */
  close(): void {
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
  }

  private async run({ id, method, params }: CallMessage): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    const progress = (value: unknown): void => {
      if (this.running.has(id)) this.post({ kind: "progress", id, value });
    };
    try {
      const implementation = method in Object.prototype ? undefined : (this.api as Record<string, Method>)[method];
      if (typeof implementation !== "function" || !this.accepts(method, params)) {
        throw new MergeError("bad-message", { where: method });
      }
      const value = await implementation.call(this.api, params, { signal: controller.signal, progress });
      this.post({ kind: "result", id, value });
    } catch (error) {
      this.post({ kind: "error", id, error: toErrorData(error) });
    } finally {
      this.running.delete(id);
    }
  }
}
