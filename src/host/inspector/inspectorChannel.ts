/** The host's end of the wire to one inspector page: handshake, validation, calls. */
import { MergeError } from "../../protocol/errors";
import {
  INSPECTOR_PARAMS,
  INSPECTOR_PROTOCOL_VERSION,
  isWebviewMessage,
  type HostMessage,
  type InspectorApi,
  type WelcomeMessage,
} from "../../protocol/inspector";
import { RpcServer } from "../../protocol/rpcServer";

export interface ChannelOptions {
  api: InspectorApi;
  post(message: HostMessage): void;
  welcome(): Promise<Pick<WelcomeMessage, "language" | "strings">>;
  /** A message that no inspector of this version sends. */
  onProblem(problem: MergeError): void;
}

export class InspectorChannel {
  private server: RpcServer<InspectorApi> | null = null;

  constructor(private readonly options: ChannelOptions) {}

  receive(message: unknown): void {
    if (!isWebviewMessage(message)) return this.refuse("message");
    if (message.kind === "hello") void this.greet(message.version);
    else if (this.server) this.server.receive(message);
    else if (message.kind === "call") this.refuse(message.method);
  }

  /** The page is gone or hidden: cancels its calls; what they still answer is for nobody. */
  close(): void {
    const { server } = this;
    this.server = null;
    server?.close();
  }

  /** Every page begins with `hello`; one of another version gets the answer, which names ours, and no calls. */
  private async greet(version: number): Promise<void> {
    this.close();
    if (version === INSPECTOR_PROTOCOL_VERSION) this.serve();
    else this.refuse(`version ${version}`);
    const words = await this.options.welcome();
    this.options.post({ kind: "welcome", version: INSPECTOR_PROTOCOL_VERSION, ...words });
  }

  private serve(): void {
    const server: RpcServer<InspectorApi> = new RpcServer(
      this.options.api,
      (message) => {
        // A page that follows numbers its calls anew: an answer to the one before must not reach it.
        if (this.server === server) this.options.post(message);
      },
      (method, params) =>
        Object.hasOwn(INSPECTOR_PARAMS, method) && INSPECTOR_PARAMS[method as keyof InspectorApi](params),
    );
    this.server = server;
  }

  private refuse(where: string): void {
    this.options.onProblem(new MergeError("bad-message", { where }));
  }
}
