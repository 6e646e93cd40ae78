/** Stands in for the extension host on a test page: the real protocol, values from the naive merge. */
import type { InspectProgress, Inspection } from "../../../src/protocol/engineApi";
import type { InspectorApi, WebviewMessage } from "../../../src/protocol/inspector";
import { INSPECTOR_PARAMS, INSPECTOR_PROTOCOL_VERSION, isWebviewMessage } from "../../../src/protocol/inspector";
import type { ErrorData } from "../../../src/protocol/errors";
import { MergeError } from "../../../src/protocol/errors";
import type { Method } from "../../../src/protocol/mergeSet";
import type { CallContext } from "../../../src/protocol/rpc";
import { RpcServer } from "../../../src/protocol/rpcServer";
import { matrixShape } from "../../../src/protocol/tiles";
import { drawFigure } from "../../../webview/export/figure";
import { readFigureColors } from "../../../webview/export/figureColors";
import { svgFigure } from "../../../webview/export/svgFigure";
import type { FixtureName } from "./fixtures";
import { fixture } from "./fixtures";
import { naiveMerge, naiveParameters, naiveRow, naiveStatistics, naiveTile } from "./naiveMerge";

export interface Scenario {
  fixture: FixtureName;
  models?: number;
  method?: Method;
  version?: number;
  strings?: Record<string, string>;
  /** Methods that fail, and how often: then they succeed. */
  failures?: Partial<Record<keyof InspectorApi, number>>;
  /** Statistics stop after this many rows and never finish. */
  stallAfter?: number;
  /** Answers to these methods never come; they can be cancelled. */
  hang?: (keyof InspectorApi)[];
  silent?: boolean;
  /** One model could not be opened, another lacks a shard with this tensor. */
  lostTensor?: string;
}

export interface StandIn {
  calls: { method: string; params: unknown }[];
  cancelled: string[];
  failures: Partial<Record<keyof InspectorApi, number>>;
  hang: Set<string>;
}

declare global {
  interface Window {
    scenario: Scenario;
    standIn: StandIn;
    drawSvg(source: SVGSVGElement, words: { name: string; title: string; subtitle: string }): string;
    acquireVsCodeApi(): unknown;
  }
}

// For tests of what views that draw with SVG save.
window.drawSvg = (source, words) => {
  const colors = readFigureColors();
  const { svg } = drawFigure(svgFigure(source, words), colors);
  colors.release();
  return svg;
};

const STATE_KEY = "webview-state";

window.acquireVsCodeApi = () => {
  const { scenario } = window;
  const post = (message: unknown): void => {
    const data = structuredClone(message);
    setTimeout(() => window.postMessage(data, "*"));
  };
  const standIn: StandIn = {
    calls: [],
    cancelled: [],
    failures: { ...scenario.failures },
    hang: new Set(scenario.hang),
  };
  window.standIn = standIn;
  const server = new RpcServer<InspectorApi>(createApi(scenario, standIn), post, (method, params) => {
    return method in INSPECTOR_PARAMS && INSPECTOR_PARAMS[method as keyof InspectorApi](params);
  });
  return {
    getState: (): unknown => JSON.parse(sessionStorage.getItem(STATE_KEY) ?? "null"),
    setState: (state: unknown): void => sessionStorage.setItem(STATE_KEY, JSON.stringify(state)),
    postMessage: (message: WebviewMessage): void => {
      const data: unknown = structuredClone(message);
      if (!isWebviewMessage(data)) throw new Error(`not a message: ${JSON.stringify(data)}`);
      if (data.kind !== "hello") server.receive(data);
      else if (!scenario.silent) {
        const version = scenario.version ?? INSPECTOR_PROTOCOL_VERSION;
        post({ kind: "welcome", version, language: "en", strings: scenario.strings ?? {} });
      }
    },
  };
};

function lost(name: string): Pick<Inspection, "brokenModels" | "brokenTensors"> {
  const error: ErrorData = {
    code: "index-shard-missing",
    details: { where: "/checkpoints/code/model.safetensors.index.json", shard: "model-00002-of-00002.safetensors" },
  };
  const group = /^model\.layers\.\d+/.exec(name)?.[0] ?? "";
  return {
    brokenModels: [
      {
        model: "biology",
        path: "/checkpoints/biology",
        error: { code: "checkpoint-missing", details: { where: "/checkpoints/biology" } },
        leftOut: true,
      },
      { model: "code", path: "/checkpoints/code", error, leftOut: false },
    ],
    brokenTensors: [{ name, shape: [64, 64], dtype: "F32", elements: 4096, group, broken: [error] }],
  };
}

function createApi(scenario: Scenario, standIn: StandIn): InspectorApi {
  const { set, tensors } = fixture(scenario.fixture, scenario.models, scenario.method);
  const merge = naiveMerge(set, tensors);

  async function enter(method: keyof InspectorApi, params: unknown, { signal }: CallContext<never>): Promise<void> {
    standIn.calls.push({ method, params });
    const cancelled = new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => {
        standIn.cancelled.push(method);
        reject(new MergeError("cancelled", { where: "" }));
      }),
    );
    cancelled.catch(() => undefined);
    if (standIn.hang.has(method)) await cancelled;
    await Promise.race([cancelled, new Promise((resolve) => setTimeout(resolve, 5))]);
    const failures = standIn.failures[method] ?? 0;
    if (failures > 0) {
      standIn.failures[method] = failures - 1;
      throw new MergeError("internal", { where: "model.safetensors", message: `no ${method} today` });
    }
  }

  return {
    async open(params, context) {
      await enter("open", params, context);
      return {
        set,
        tensors: tensors.map(({ name, shape, group }) => ({
          name,
          shape,
          dtype: "F32",
          elements: matrixShape(shape).elements,
          group,
        })),
        parameters: tensors.reduce((sum, { base }) => sum + base.length, 0),
        ...(scenario.lostTensor === undefined ? {} : lost(scenario.lostTensor)),
      };
    },
    async statistics(params, context) {
      await enter("statistics", params, context as CallContext<never>);
      const rows = [];
      const batch = Math.max(1, Math.ceil(merge.tensors.length / 20));
      for (let at = 0; at < merge.tensors.length; at += batch) {
        const fresh = merge.tensors.slice(at, at + batch).map((tensor) => naiveRow(merge, tensor));
        rows.push(...fresh);
        const progress: InspectProgress = {
          phase: "statistics",
          tensor: fresh[0]!.name,
          done: rows.length,
          total: merge.tensors.length,
          rows: fresh,
        };
        context.progress(progress);
        await new Promise((resolve) => setTimeout(resolve));
        if (scenario.stallAfter !== undefined && rows.length >= scenario.stallAfter) await new Promise(() => undefined);
      }
      const groups = [...new Set(tensors.map(({ group }) => group))].map((name) => ({
        name,
        ...naiveStatistics(
          merge,
          merge.tensors.filter(({ group }) => group === name),
        ),
      }));
      return {
        format: "ties-merge-report/1",
        recipe: {},
        models: set.models.map(({ name, path }) => ({ name, path })),
        totals: naiveStatistics(merge, merge.tensors),
        groups,
        tensors: rows,
      };
    },
    async tile(params, context) {
      await enter("tile", params, context);
      return naiveTile(merge, params);
    },
    async parameters(params, context) {
      await enter("parameters", params, context);
      return naiveParameters(merge, params);
    },
    merge: (params, context) => enter("merge", params, context),
    exportReport: (params, context) => enter("exportReport", params, context),
    savePicture: (params, context) => enter("savePicture", params, context),
    showLog: (params, context) => enter("showLog", params, context),
  };
}
