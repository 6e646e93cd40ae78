/** The panel's line to the extension host: handshake, then calls. Every message that arrives is checked. */
import type { HostMessage, InspectorApi, WebviewMessage, WelcomeMessage } from "../../src/protocol/inspector";
import { INSPECTOR_PROTOCOL_VERSION, isHostMessage } from "../../src/protocol/inspector";
import { MergeError, type ErrorData } from "../../src/protocol/errors";
import type { Remote } from "../../src/protocol/rpc";
import { RpcClient } from "../../src/protocol/rpcClient";

/** What `acquireVsCodeApi()` gives. */
export interface WebviewHost {
  postMessage(message: WebviewMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** How long the host may take to answer `hello`; an extension host that starts up needs a few seconds. */
const WELCOME_TIMEOUT_MS = 20_000;

/** The host speaks another version of the protocol: nothing else may be said. */
export class VersionMismatch extends Error {
  constructor(readonly hostVersion: number) {
    super(`panel ${INSPECTOR_PROTOCOL_VERSION}, extension ${hostVersion}`);
    this.name = "VersionMismatch";
  }
}

/** The host did not answer the greeting. */
export class HostSilent extends Error {
  override readonly name = "HostSilent";
}

export class HostConnection {
  private readonly client: RpcClient<InspectorApi>;
  private welcomed: ((message: WelcomeMessage) => void) | null = null;

  constructor(
    private readonly host: Pick<WebviewHost, "postMessage">,
    private readonly source: Pick<Window, "addEventListener" | "removeEventListener">,
    /** Told of every call that fails, whoever made it. */
    private readonly onFailure: (error: ErrorData) => void = () => undefined,
  ) {
    this.client = new RpcClient<InspectorApi>((message) => host.postMessage(message));
    source.addEventListener("message", this.onMessage);
  }

  get api(): Remote<InspectorApi> {
    return this.client.api;
  }

  /** Greets the host. Rejects with VersionMismatch or HostSilent. */
  async connect(timeoutMs = WELCOME_TIMEOUT_MS): Promise<WelcomeMessage> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const welcome = await new Promise<WelcomeMessage>((resolve, reject) => {
        this.welcomed = resolve;
        timer = setTimeout(() => reject(new HostSilent("no welcome")), timeoutMs);
        this.host.postMessage({ kind: "hello", version: INSPECTOR_PROTOCOL_VERSION });
      });
      if (welcome.version === INSPECTOR_PROTOCOL_VERSION) return welcome;
      const mismatch = new VersionMismatch(welcome.version);
      this.client.close(mismatch);
      throw mismatch;
    } finally {
      clearTimeout(timer);
      this.welcomed = null;
    }
  }

  /** Ends the line; calls under way reject as cancelled. */
  dispose(): void {
    this.source.removeEventListener("message", this.onMessage);
    this.client.close(new MergeError("cancelled", { where: "" }));
  }

  private readonly onMessage = (event: Event): void => {
    const message: unknown = event instanceof MessageEvent ? event.data : undefined;
    if (isHostMessage(message)) this.take(message);
  };

  private take(message: HostMessage): void {
    if (message.kind === "welcome") this.welcomed?.(message);
    else {
      if (message.kind === "error") this.onFailure(message.error);
      this.client.receive(message);
    }
  }
}
