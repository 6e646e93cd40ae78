/** Everything the views draw. */
import type { Inspection } from "../../src/protocol/engineApi";
import type { GroupStatistics, InterferenceStatistics, TensorStatistics } from "../../src/protocol/report";
import type { ReportPage } from "../../src/protocol/reportFile";
import type { ViewState } from "./viewState";
import { DEFAULT_VIEW } from "./viewState";

export type OpenedSet = Omit<Inspection, "id">;
export type TensorEntry = OpenedSet["tensors"][number];

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

export interface InspectorState {
  connection: Connection;
  opened: OpenedSet | null;
  phase: StatisticsPhase;
  /** Exact rows so far, by tensor name. Replaced, never changed, when rows arrive. */
  rows: ReadonlyMap<string, TensorStatistics>;
  groups: ReadonlyMap<string, GroupStatistics>;
  totals: InterferenceStatistics | null;
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
  rows: new Map(),
  groups: new Map(),
  totals: null,
  commandFailure: null,
  report: null,
  view: DEFAULT_VIEW,
};
