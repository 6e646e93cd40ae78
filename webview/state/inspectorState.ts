/** Everything the views draw. */
import type { BrokenTensor, Inspection } from "../../src/protocol/engineApi";
import type { ChangedFile } from "../../src/protocol/inspector";
import type { MergeSet, ModelChoice } from "../../src/protocol/mergeSet";
import type { GroupStatistics, InterferenceStatistics, Sampled } from "../../src/protocol/report";
import type { ReportPage } from "../../src/protocol/reportFile";
import type { SampledCurves } from "../../src/protocol/sample";
import type { ListedTensor } from "../../src/protocol/tensorTable";
import type { SampleFacts } from "./sampledStatistics";
import { NO_ROWS, type StatisticsRows } from "./shownRows";
import type { ViewState } from "./viewState";
import { DEFAULT_VIEW } from "./viewState";

/** A model with its mark, which says its colour and its glyph: as long as the panel speaks of it, the same. */
export type ShownModel = ModelChoice & { mark: number };
export type ShownSet = Omit<MergeSet, "models"> & { models: ShownModel[] };
export type TensorEntry = ListedTensor & Partial<Pick<BrokenTensor, "broken">>;
export type OpenedSet = Omit<Inspection, "id" | "set" | "places" | "tensors"> & {
  set: ShownSet;
  tensors: TensorEntry[];
};

export type Connection =
  | { kind: "connecting" }
  | { kind: "opening" }
  | { kind: "open" }
  | { kind: "silent" }
  | { kind: "mismatch"; hostVersion: number }
  | { kind: "failed"; error: unknown };

export type StatisticsPhase =
  | { kind: "idle" }
  | { kind: "computing"; share: number; tensor: string }
  | { kind: "exact" }
  | { kind: "failed"; error: unknown };

/** What the sample says of the settings shown. */
export type SamplePhase =
  { kind: "none" } | { kind: "reading" } | { kind: "ready"; facts: SampleFacts } | { kind: "failed"; error: unknown };

/** What curves are of. */
export interface CurvesOf {
  opened: OpenedSet | null;
  /** Their `settingsKey`. */
  settings: string;
  layer: string | null;
}

export interface InspectorState {
  connection: Connection;
  /** While it is being opened: what its base says of it, as soon as that is there. */
  opened: OpenedSet | null;
  phase: StatisticsPhase;
  /** Whether the exact statistics, as far as they are there, are those of the settings shown. */
  exactShown: boolean;
  sample: SamplePhase;
  /**
   * What is known of the settings shown, by tensor name: exact rows, and sampled ones where there are none yet. In the
   * models of the opened set; of those that are off every figure is NaN. Replaced, never changed.
   */
  rows: StatisticsRows;
  groups: ReadonlyMap<string, Sampled<GroupStatistics>>;
  totals: Sampled<InterferenceStatistics> | null;
  /** Of the settings shown and the layer of the view, once they are there. */
  curves: { curves: SampledCurves; members: readonly number[]; of: CurvesOf } | null;
  curvesFailure: unknown;
  /** What tiles and parameters are of; null: the set as it was opened. */
  used: { set: ShownSet; members: number[] } | null;
  /** Files that are not what they were when the set was opened: figures and pictures are of their old contents. */
  changedFiles: readonly ChangedFile[];
  /** A command (merge, export, log) that failed, and how to try it again. */
  commandFailure: { error: unknown; retry: () => void } | null;
  /** In a report that stands for itself, without an editor: what it holds. */
  report: ReportPage | null;
  view: ViewState;
}

export const INITIAL_STATE: InspectorState = {
  connection: { kind: "connecting" },
  opened: null,
  phase: { kind: "idle" },
  exactShown: true,
  sample: { kind: "none" },
  rows: NO_ROWS,
  groups: new Map(),
  totals: null,
  curves: null,
  curvesFailure: null,
  used: null,
  changedFiles: [],
  commandFailure: null,
  report: null,
  view: DEFAULT_VIEW,
};

const { phase, sample, rows, groups, totals, curves, used, changedFiles } = INITIAL_STATE;
/** Nothing is known of a set whose files are read anew. */
export const NOTHING_KNOWN = { phase, sample, rows, groups, totals, curves, used, changedFiles };
