/** What a person chose in the panel: kept by the editor, so that a reload restores it. */
import { isInspectorSettings, type InspectorSettings } from "../../src/protocol/settings";
import type { Overlay } from "../plot/blend";
import type { Cell, Viewport } from "../plot/viewport";

export interface SortOrder {
  /** Id of a table column. */
  column: string;
  descending: boolean;
}

export const TABS = ["overview", "tensors"] as const;
export type Tab = (typeof TABS)[number];

export interface ViewState {
  tab: Tab;
  /** What was changed about the set; null: as it was opened. And what the host has been told to use. */
  settings: InspectorSettings | null;
  used: InspectorSettings | null;
  /** Id of the statistic that colours the model map. */
  statistic: string;
  /** Ends of colour scales that somebody fixed, by the statistic's family. */
  fixedScales: Readonly<Record<string, number>>;
  /** Layer that the pairs speak of; null: the whole model. */
  layer: string | null;
  tensor: string | null;
  /** Null: the whole matrix. */
  viewport: Viewport | null;
  pinned: Cell | null;
  /** Null: the order of the checkpoint. */
  sort: SortOrder | null;
  filter: string;
  /** Families of the table's columns; null: the usual ones. */
  columns: readonly string[] | null;
  grouped: boolean;
  /** Names of the layer groups that are unfolded. */
  expanded: string[];
  showConflicts: boolean;
  /** What alone the pictures of a tensor show. */
  overlay: Overlay;
  /** Whether pictures have profiles of rows and columns at their edges. */
  showProfiles: boolean;
  totalsOpen: boolean;
  /** Width of the table, as a share of the panel's. */
  tableShare: number;
}

export const DEFAULT_VIEW: ViewState = {
  tab: "overview",
  settings: null,
  used: null,
  statistic: "conflict",
  fixedScales: {},
  layer: null,
  tensor: null,
  viewport: null,
  pinned: null,
  sort: null,
  filter: "",
  columns: null,
  grouped: true,
  expanded: [],
  showConflicts: true,
  overlay: null,
  showProfiles: true,
  totalsOpen: false,
  tableShare: 0.32,
};

export const MIN_TABLE_SHARE = 0.2;
export const MAX_TABLE_SHARE = 0.75;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const text = (value: unknown, fallback: string): string => (typeof value === "string" ? value : fallback);
const flag = (value: unknown, fallback: boolean): boolean => (typeof value === "boolean" ? value : fallback);
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

const strings = (values: readonly unknown[]): string[] => values.filter((value) => typeof value === "string");

/** A saved view, field by field: what an older version left out or wrote differently takes its default. */
export function readViewState(saved: unknown): ViewState {
  if (!isRecord(saved)) return DEFAULT_VIEW;
  const share = isNumber(saved.tableShare) ? saved.tableShare : DEFAULT_VIEW.tableShare;
  return {
    tab: TABS.find((tab) => tab === saved.tab) ?? DEFAULT_VIEW.tab,
    settings: isInspectorSettings(saved.settings) ? saved.settings : null,
    used: isInspectorSettings(saved.used) ? saved.used : null,
    statistic: text(saved.statistic, DEFAULT_VIEW.statistic),
    fixedScales: readScales(saved.fixedScales),
    layer: typeof saved.layer === "string" ? saved.layer : null,
    tensor: typeof saved.tensor === "string" ? saved.tensor : null,
    viewport: readViewport(saved.viewport),
    pinned: readCell(saved.pinned),
    sort: readSort(saved.sort),
    filter: text(saved.filter, DEFAULT_VIEW.filter),
    columns: Array.isArray(saved.columns) ? strings(saved.columns) : null,
    grouped: flag(saved.grouped, DEFAULT_VIEW.grouped),
    expanded: Array.isArray(saved.expanded) ? strings(saved.expanded) : [],
    showConflicts: flag(saved.showConflicts, DEFAULT_VIEW.showConflicts),
    overlay: readOverlay(saved.overlay),
    showProfiles: flag(saved.showProfiles, DEFAULT_VIEW.showProfiles),
    totalsOpen: flag(saved.totalsOpen, DEFAULT_VIEW.totalsOpen),
    tableShare: Math.min(Math.max(share, MIN_TABLE_SHARE), MAX_TABLE_SHARE),
  };
}

function readScales(saved: unknown): Record<string, number> {
  if (!isRecord(saved)) return {};
  const ends = Object.entries(saved).filter((entry): entry is [string, number] => isNumber(entry[1]) && entry[1] > 0);
  return Object.fromEntries(ends);
}

function readOverlay(saved: unknown): Overlay {
  if (!isRecord(saved)) return null;
  if (saved.kind === "conflicts") return { kind: "conflicts" };
  const { kind, model } = saved;
  return kind === "lost" && Number.isSafeInteger(model) && Number(model) >= 0 ? { kind, model: Number(model) } : null;
}

function readViewport(saved: unknown): Viewport | null {
  if (!isRecord(saved)) return null;
  const { row, column, zoom } = saved;
  return isNumber(row) && isNumber(column) && isNumber(zoom) ? { row, column, zoom } : null;
}

function readCell(saved: unknown): Cell | null {
  if (!isRecord(saved)) return null;
  const { row, column } = saved;
  return Number.isSafeInteger(row) && Number.isSafeInteger(column)
    ? { row: Number(row), column: Number(column) }
    : null;
}

function readSort(saved: unknown): SortOrder | null {
  if (!isRecord(saved) || typeof saved.column !== "string") return null;
  return { column: saved.column, descending: saved.descending === true };
}
