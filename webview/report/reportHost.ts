/** Stands in for the editor in a self-contained report: answers the panel's calls from the file that holds both. */
import type { InspectorApi, WebviewMessage, WelcomeMessage } from "../../src/protocol/inspector";
import { INSPECTOR_PARAMS, INSPECTOR_PROTOCOL_VERSION } from "../../src/protocol/inspector";
import { MergeError, toErrorData } from "../../src/protocol/errors";
import { reportCsv } from "../../src/protocol/reportCsv";
import { describeError } from "../../src/protocol/errorText";
import { RpcServer } from "../../src/protocol/rpcServer";
import { packTensors } from "../../src/protocol/tensorTable";
import type { WebviewHost } from "../rpc/hostConnection";
import { download } from "./download";
import { ReportData } from "./reportData";
import { followSystemTheme } from "./reportTheme";

declare global {
  interface Window {
    acquireVsCodeApi?: () => WebviewHost;
  }
}

const PICTURE_TYPES = { svg: "image/svg+xml", png: "image/png" } as const;

function reportApi(data: ReportData): InspectorApi {
  const needsEditor = async (): Promise<never> => {
    throw new MergeError("editor-needed", { where: "" });
  };
  return {
    open: async () => {
      const { inspection } = await data.read();
      return { ...inspection, tensors: packTensors(inspection.tensors) };
    },
    statistics: () => data.report(),
    tile: (request) => data.tile(request),
    parameters: (request) => data.parameters(request),
    // The file holds one report: what would need the models is for the inspector.
    sample: needsEditor,
    curves: needsEditor,
    use: needsEditor,
    magnitudes: needsEditor,
    merge: needsEditor,
    showLog: needsEditor,
    reload: needsEditor,
    changedFiles: async () => [],
    exportReport: async ({ format }) => {
      if (format === "html") return needsEditor();
      const report = await data.report();
      if (format === "csv") download("interference.csv", reportCsv(report), "text/csv");
      else download("interference.json", JSON.stringify(report, null, 1), "application/json");
    },
    savePicture: async ({ name, format, content }) => {
      download(`${name}.${format}`, content as BlobPart, PICTURE_TYPES[format]);
    },
  };
}

function startReport(): void {
  followSystemTheme();
  const data = new ReportData(document);
  const post = (message: unknown): void => {
    setTimeout(() => window.dispatchEvent(new MessageEvent("message", { data: message })));
  };
  const server = new RpcServer<InspectorApi>(
    reportApi(data),
    post,
    (method, params) => method in INSPECTOR_PARAMS && INSPECTOR_PARAMS[method as keyof InspectorApi](params),
  );
  const greet = async (): Promise<void> => {
    try {
      const { language, strings, notes, pictures } = await data.read();
      const welcome: WelcomeMessage = {
        kind: "welcome",
        version: INSPECTOR_PROTOCOL_VERSION,
        language,
        strings,
        report: { ...notes, stored: pictures },
      };
      post(welcome);
    } catch (error) {
      // A file cut short: nothing else of it can be shown.
      document.body.textContent = describeError(toErrorData(error));
    }
  };
  let state: unknown = null;
  window.acquireVsCodeApi = () => ({
    getState: () => state,
    setState: (next) => (state = next),
    postMessage: (message: WebviewMessage) => {
      if (message.kind === "hello") void greet();
      else server.receive(message);
    },
  });
}

startReport();
