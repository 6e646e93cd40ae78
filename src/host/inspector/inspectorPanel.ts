/** One inspector: a webview panel and the session it shows. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { describeError } from "../../protocol/errorText";
import type { Inspection } from "../../protocol/engineApi";
import type { MergeSet } from "../../protocol/mergeSet";
import type { InspectorApi, ReportFormat } from "../../protocol/inspector";
import { logFailure, showFailure, translatedErrors } from "../failure";
import { exportReport } from "./exportReport";
import { InspectorChannel } from "./inspectorChannel";
import { inspectorHtml } from "./inspectorHtml";
import { inspectorTitle } from "./inspectorTitle";
import type { InspectorSession } from "./inspectorSession";
import { savePicture } from "./savePicture";
import { webviewStrings } from "./webviewStrings";

export interface PanelOptions {
  panelId: string;
  extensionUri: vscode.Uri;
  /** Of the extension. */
  version: string;
  log: vscode.LogOutputChannel;
  session: InspectorSession;
  /** Starts the merge of this set; settles when the person has been asked. */
  merge(set: MergeSet): Promise<void>;
  onDispose(): void;
}

export class InspectorPanel {
  private readonly channel: InspectorChannel;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly options: PanelOptions,
  ) {
    this.channel = this.connect();
    panel.title = this.title(options.session.set);
    panel.iconPath = vscode.Uri.joinPath(options.extensionUri, "media", "icon.svg");
    panel.webview.options = { enableScripts: true, localResourceRoots: resourceRoots(options.extensionUri) };
    panel.webview.onDidReceiveMessage((message) => this.channel.receive(message));
    panel.onDidChangeViewState(() => {
      // A hidden page is unloaded: its calls have nobody left to answer.
      if (!panel.visible) this.channel.close();
    });
    panel.onDidDispose(() => this.dispose());
    panel.webview.html = this.html();
  }

  reveal(): void {
    this.panel.reveal();
  }

  private dispose(): void {
    this.channel.close();
    this.options.session.dispose();
    this.options.onDispose();
  }

  private connect(): InspectorChannel {
    const { extensionUri, log } = this.options;
    return new InspectorChannel({
      api: this.api(),
      post: (message) => void this.panel.webview.postMessage(message),
      welcome: async () => ({
        language: vscode.env.language,
        strings: await this.strings(extensionUri),
      }),
      onProblem: (problem) => logFailure(log, problem),
    });
  }

  private api(): InspectorApi {
    const { session, log, merge } = this.options;
    const logged = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        logFailure(log, error);
        throw error;
      }
    };
    return {
      open: async (_params, { progress }) => {
        const { id: _, ...opened } = await logged(session.open(progress));
        this.panel.title = this.title(opened.set, opened);
        for (const { path, error } of opened.brokenModels ?? []) log.warn(`${path}: ${describeError(error)}`);
        return opened;
      },
      sample: (settings, context) => logged(session.sample(settings, context)),
      curves: (request, context) => logged(session.curves(request, context)),
      use: (settings) => logged(session.use(settings)),
      statistics: async (_, context) => {
        const stop = (): void => {
          // Asked to by the person, not because the page was hidden.
          if (this.panel.visible) setImmediate(() => session.stopUnwatched());
        };
        context.signal.addEventListener("abort", stop, { once: true });
        return logged(session.statistics(context));
      },
      tile: (request, context) => logged(session.tile(request, context)),
      parameters: (request, context) => logged(session.parameters(request, context)),
      magnitudes: (request, context) => logged(session.magnitudes(request, context)),
      merge: () => merge(session.used),
      exportReport: ({ format }, { signal }) => this.exportReport(format, signal),
      savePicture: (picture) => this.shown(savePicture(picture)),
      showLog: async () => log.show(),
      changedFiles: () => session.changedFiles(),
      reload: () => session.reload(),
    };
  }

  /** Of some of the models; of an opened set without those that could not be opened. */
  private title({ models }: MergeSet, opened: Pick<Inspection, "brokenModels"> = {}): string {
    const leftOut = (opened.brokenModels ?? []).filter((broken) => broken.leftOut).map(({ path }) => path);
    return inspectorTitle(
      models.filter(({ path }) => !leftOut.includes(path)),
      leftOut.length > 0 ? this.options.session.set.models.length : undefined,
    );
  }

  private exportReport(format: ReportFormat, signal: AbortSignal): Promise<void> {
    const { session, extensionUri, version } = this.options;
    const page = async () => ({
      version,
      title: this.title(session.used, await session.open()),
      language: vscode.env.language,
      strings: await this.strings(extensionUri),
    });
    return this.shown(exportReport(session, format, page, signal));
  }

  private async strings(extensionUri: vscode.Uri): Promise<Record<string, string>> {
    return { ...translatedErrors(), ...(await webviewStrings(extensionUri.fsPath, vscode.env.language)) };
  }

  /** A failure is shown by the editor. */
  private async shown(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      void showFailure(this.options.log, error);
    }
  }

  private html(): string {
    const { webview } = this.panel;
    const { extensionUri, panelId, session } = this.options;
    const uri = (file: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", "webview", file)).toString();
    return inspectorHtml({
      nonce: randomBytes(18).toString("base64url"),
      cspSource: webview.cspSource,
      scriptUri: uri("main.js"),
      styleUri: uri("style.css"),
      panelId,
      language: vscode.env.language,
      title: this.title(session.set),
    });
  }
}

const resourceRoots = (extensionUri: vscode.Uri): vscode.Uri[] => [
  vscode.Uri.joinPath(extensionUri, "dist", "webview"),
  vscode.Uri.joinPath(extensionUri, "media"),
];
