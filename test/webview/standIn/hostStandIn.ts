/** Stands in for the extension host on a test page: the real protocol, values from the naive merge. */
import type { InspectProgress, Inspection } from "../../../src/protocol/engineApi";
import type { ChangedFile, InspectorApi, WebviewMessage } from "../../../src/protocol/inspector";
import { INSPECTOR_PARAMS, INSPECTOR_PROTOCOL_VERSION, isWebviewMessage } from "../../../src/protocol/inspector";
import type { ErrorData } from "../../../src/protocol/errors";
import { MergeError } from "../../../src/protocol/errors";
import type { Method } from "../../../src/protocol/mergeSet";
import type { CallContext } from "../../../src/protocol/rpc";
import { RpcServer } from "../../../src/protocol/rpcServer";
import type { PictureTerms } from "../../../src/protocol/tiles";
import { drawFigure } from "../../../webview/export/figure";
import { readFigureColors } from "../../../webview/export/figureColors";
import { svgFigure } from "../../../webview/export/svgFigure";
import type { FixtureName } from "./fixtures";
import { fixture } from "./fixtures";
import type { InspectorSettings } from "../../../src/protocol/settings";
import { placesOf } from "../../../src/protocol/places";
import { packTensors } from "../../../src/protocol/tensorTable";
import { figuresLength, writeFigures } from "../../../src/protocol/sample";
import type { MergeSet } from "../../../src/protocol/mergeSet";
import type { NaiveMerge, NaiveTensor } from "./naiveMerge";
import { naiveMagnitudes, naiveMerge, naiveParameters, naiveRow, naiveStatistics, naiveTile } from "./naiveMerge";

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
  /** Calls that wait until `held` has them no more. */
  held?: (keyof InspectorApi)[];
  silent?: boolean;
  /** There is a sample: its figures are the exact ones, said to be off by up to a tenth. Otherwise it never comes. */
  sampled?: boolean;
  /** The base is there before the models are; what the set asked for that the opened one has not. */
  preview?: Partial<MergeSet>;
  /** The opened set has values by layer. */
  byLayer?: boolean;
  /** The first of the models is the base. */
  baseAmongModels?: boolean;
  /** One model could not be opened, another lacks a shard with this tensor. */
  lostTensor?: string;
  /** That other model is one file, which is cut off before this tensor. */
  cutOff?: boolean;
  /** What the engine says about checkpoints that are not quite alike. */
  notes?: string[];
}

export interface StandIn {
  calls: { method: string; params: unknown }[];
  cancelled: string[];
  failures: Partial<Record<keyof InspectorApi, number>>;
  hang: Set<string>;
  held: Set<string>;
  /** Files that have changed since the set was opened; what reads them fails. */
  changed: ChangedFile[];
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

const READS_FILES = new Set<keyof InspectorApi>([
  "sample",
  "curves",
  "use",
  "statistics",
  "tile",
  "parameters",
  "magnitudes",
]);

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
    held: new Set(scenario.held),
    changed: [],
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

/** The model that is left out stood second. */
const placesBesides = (models: number): number[] => Array.from({ length: models }, (_, at) => (at === 0 ? 0 : at + 1));

const SHARD_MISSING: ErrorData = {
  code: "index-shard-missing",
  details: { where: "/checkpoints/code/model.safetensors.index.json", shard: "model-00002-of-00002.safetensors" },
};
const CUT_OFF: ErrorData = {
  code: "file-cut-off",
  details: { where: "/checkpoints/code/model.safetensors", missing: "8,192 (8.19 kB)", lost: "1", tensors: "30" },
};

function lost(name: string, error: ErrorData): Pick<Inspection, "brokenModels" | "brokenTensors"> {
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
  if (scenario.baseAmongModels && set.base !== null) set.models[0]!.path = set.base;
  if (scenario.byLayer) {
    const models = set.models.map(() => ({ weight: 1, density: [0.1, 0.3] }));
    set.slices = [{ layers: null, models, lambda: 1, normalize: true }];
  }
  let merge = naiveMerge(set, tensors);
  const withSettings = (settings: InspectorSettings | null) => changed(set, tensors, settings);

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
    while (standIn.held.has(method)) await Promise.race([cancelled, new Promise((resolve) => setTimeout(resolve, 20))]);
    await Promise.race([cancelled, new Promise((resolve) => setTimeout(resolve, 5))]);
    const [first] = standIn.changed;
    if (first && READS_FILES.has(method)) throw new MergeError("input-changed", { where: first.path });
    const failures = standIn.failures[method] ?? 0;
    if (failures > 0) {
      standIn.failures[method] = failures - 1;
      throw new MergeError("internal", { where: "model.safetensors", message: `no ${method} today` });
    }
  }

  return {
    async open(params, context) {
      const table = packTensors(tensors.map(({ name, shape }) => ({ name, shape, dtype: "F32" })));
      if (scenario.preview) context.progress({ set: { ...set, ...scenario.preview }, tensors: table });
      await enter("open", params, context as CallContext<never>);
      return {
        set,
        tensors: table,
        parameters: tensors.reduce((sum, { base }) => sum + base.length, 0),
        notes: scenario.notes ?? [],
        ...(scenario.lostTensor === undefined
          ? {}
          : {
              ...lost(scenario.lostTensor, scenario.cutOff ? CUT_OFF : SHARD_MISSING),
              places: placesBesides(set.models.length),
            }),
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
        models: merge.set.models.map(({ name, path }) => ({ name, path })),
        notes: [],
        totals: naiveStatistics(merge, merge.tensors),
        groups,
        tensors: rows,
      };
    },
    async sample(params, context) {
      const { settings, margins } = params;
      if (!scenario.sampled) {
        standIn.calls.push({ method: "sample", params });
        throw new MergeError("cancelled", { where: "" });
      }
      await enter("sample", params, context);
      const other = withSettings(settings);
      const groups = [...new Set(tensors.map(({ group }) => group))];
      const places = placesOf(tensors).tensors;
      const rows = [
        other.tensors,
        ...groups.map((name) => other.tensors.filter(({ group }) => group === name)),
        ...places.map((inside) => inside.flatMap((at) => other.tensors[at] ?? [])),
        ...other.tensors.map((tensor) => [tensor]),
      ];
      const models = other.set.models.length;
      const length = figuresLength(models);
      const figures = new Float64Array(rows.length * length);
      rows.forEach((of, row) => writeFigures(naiveStatistics(other, of), figures, row * length));
      const elements = figures[0]!;
      return {
        models,
        entries: Math.ceil(elements / 10),
        elements,
        bytesRead: elements,
        bytes: 100 * elements,
        groups,
        places: places.length,
        tensors: true,
        figures,
        margins: Float32Array.from(figures, (figure, at) =>
          margins ? (at % length === 0 ? 0 : Math.abs(figure) / 10) : Number.NaN,
        ),
      };
    },
    async curves(params, context) {
      await enter("curves", params, context);
      const other = withSettings(params.settings);
      const some = other.tensors.filter(({ group }) => params.layer === null || group === params.layer);
      const models = other.set.models.length;
      const spread = (value: number) => ({ first: value, least: value / 2, most: value * 1.5 });
      return {
        models,
        byDensity: [0, 0.1, 0.2, 0.5, 1].map((density) => {
          const at = naiveMerge({ ...other.set, models: other.set.models.map((m) => ({ ...m, density })) }, some);
          const { models: each, conflict, elements } = naiveStatistics(at, at.tensors);
          return {
            density,
            keptNorm: each.map(({ keptNorm, norm }) => (density === 0 ? 0 : keptNorm / norm)),
            conflict: conflict / elements,
          };
        }),
        byModels: Array.from({ length: models }, (_, n) => ({
          count: n + 1,
          subsets: 1,
          all: true,
          conflict: spread(0.02 * n),
          ties: spread(1),
          averaging: spread(1 / Math.sqrt(n + 1)),
        })),
      };
    },
    async use(settings, context) {
      await enter("use", settings, context);
      merge = withSettings(settings);
      return { set: merge.set, members: membersOf(set, settings) };
    },
    async tile(params, context) {
      await enter("tile", params, context as CallContext<never>);
      return estimatedIf(params, naiveTile(merge, params));
    },
    async parameters(params, context) {
      await enter("parameters", params, context);
      return estimatedIf(params, naiveParameters(merge, params));
    },
    async magnitudes(params, context) {
      await enter("magnitudes", params, context);
      return naiveMagnitudes(merge, params.tensor);
    },
    merge: (params, context) => enter("merge", params, context),
    exportReport: (params, context) => enter("exportReport", params, context),
    savePicture: (params, context) => enter("savePicture", params, context),
    showLog: (params, context) => enter("showLog", params, context),
    changedFiles: async () => standIn.changed,
    async reload(params, context) {
      await enter("reload", params, context);
      standIn.changed = [];
      merge = naiveMerge(set, tensors);
    },
  };
}

/** The same figures: what matters here is what is said of them. */
const estimatedIf = <Picture extends object>({ mayEstimate }: PictureTerms, picture: Picture): Picture =>
  mayEstimate ? { ...picture, estimated: true } : picture;

const membersOf = (set: MergeSet, settings: InspectorSettings | null): number[] =>
  set.models.flatMap((_, index) => (settings === null || settings.models[index]!.on ? [index] : []));

/** The merge with other densities and weights of some of the models. */
function changed(set: MergeSet, tensors: NaiveTensor[], settings: InspectorSettings | null): NaiveMerge {
  if (settings === null) return naiveMerge(set, tensors);
  const members = membersOf(set, settings);
  const models = members.map((index) => {
    const { weight, density } = settings.models[index]!;
    return { ...set.models[index]!, weight, density };
  });
  const { method, lambda } = settings;
  const { slices: _, ...plain } = set;
  return naiveMerge(
    { ...plain, models, method, lambda },
    tensors.map((tensor) => ({ ...tensor, taskVectors: members.map((index) => tensor.taskVectors[index]!) })),
  );
}
