/** The lines of the table in the order they are shown: filtered, grouped, sorted, folded. */
import type { GroupStatistics } from "../../src/protocol/report";
import type { TensorEntry } from "../state/inspectorState";
import type { StatisticsRows } from "../state/shownRows";
import type { SortOrder } from "../state/viewState";
import { aggregateStatistics } from "./aggregate";
import type { Column, TableLine } from "./columns";
import type { Filter } from "./filter";

export type TableRow = TableLine & { label: string } & (
    | { kind: "tensor"; tensor: TensorEntry; level: 1 | 2 }
    | { kind: "group"; tensors: number; expanded: boolean; level: 1 }
  );

export interface RowChoices {
  /** Null: every tensor. */
  filter: Filter | null;
  grouped: boolean;
  expanded: ReadonlySet<string>;
  sort: SortOrder | null;
}

export interface RowSource {
  tensors: readonly TensorEntry[];
  rows: StatisticsRows;
  groups: ReadonlyMap<string, GroupStatistics>;
  columns: readonly Column[];
}

/** The shown rows. Without a sort, tensors keep the checkpoint's order and groups that of their first tensor. */
export function tableRows(source: RowSource, choices: RowChoices): TableRow[] {
  const { filter } = choices;
  const tensors = filter
    ? source.tensors.filter((tensor) => filter.matches(tensorLine(source, tensor)))
    : source.tensors;
  const compare = comparison(source.columns, choices.sort);
  if (!choices.grouped)
    return sorted(
      tensors.map((tensor) => tensorRow(source, tensor, 1)),
      compare,
    );
  const members = byGroup(tensors);
  const whole = byGroup(source.tensors);
  // A filter that names a tensor shows it: a folded group would hide what was searched for.
  const isOpen = (group: string): boolean => choices.expanded.has(group) || filter !== null;
  const topLevel = tensors.flatMap((tensor): TableRow[] => {
    const { group } = tensor;
    // A group of one, such as embeddings, would hide behind its name what it is.
    if (group === "" || whole.get(group)?.length === 1) return [tensorRow(source, tensor, 1)];
    if (members.get(group)?.[0] !== tensor) return [];
    return [groupRow(source, group, whole.get(group) ?? [], isOpen(group))];
  });
  return sorted(topLevel, compare).flatMap((row) => {
    if (row.kind === "tensor" || !row.expanded) return [row];
    const inside = (members.get(row.name) ?? []).map((tensor) => tensorRow(source, tensor, 2));
    return [row, ...sorted(inside, compare)];
  });
}

function byGroup(tensors: readonly TensorEntry[]): Map<string, TensorEntry[]> {
  const groups = new Map<string, TensorEntry[]>();
  for (const tensor of tensors) {
    const members = groups.get(tensor.group);
    if (members) members.push(tensor);
    else groups.set(tensor.group, [tensor]);
  }
  return groups;
}

/** Its statistics are read when something looks at them: of ten thousand lines a few are shown. */
const tensorLine = ({ rows }: RowSource, tensor: TensorEntry): TableLine => ({
  name: tensor.name,
  elements: tensor.elements,
  shape: tensor.shape,
  dtype: tensor.dtype,
  get statistics() {
    return rows.get(tensor.name) ?? null;
  },
});

function tensorRow(source: RowSource, tensor: TensorEntry, level: 1 | 2): TableRow {
  const prefix = level === 2 && tensor.name.startsWith(`${tensor.group}.`) ? tensor.group.length + 1 : 0;
  const row = { kind: "tensor" as const, level, tensor, label: tensor.name.slice(prefix) };
  return Object.assign(tensorLine(source, tensor), row);
}

function groupRow(source: RowSource, name: string, tensors: readonly TensorEntry[], expanded: boolean): TableRow {
  return {
    kind: "group",
    level: 1,
    name,
    label: name,
    tensors: tensors.length,
    expanded,
    shape: [],
    dtype: "",
    elements: tensors.reduce((total, { elements }) => total + elements, 0),
    statistics: source.groups.get(name) ?? unfinishedGroup(source, tensors),
  };
}

/** Nothing is said of a group before all its tensors are computed. */
function unfinishedGroup({ rows }: RowSource, tensors: readonly TensorEntry[]): TableLine["statistics"] {
  const whole = tensors.filter(({ broken }) => !broken);
  const parts = rows.partsOf(whole);
  return parts && aggregateStatistics(parts);
}

type Compare = ((a: TableRow, b: TableRow) => number) | null;

function comparison(columns: readonly Column[], sort: SortOrder | null): Compare {
  const column = sort && columns.find(({ id }) => id === sort.column);
  if (!column) return null;
  const direction = sort.descending ? -1 : 1;
  return (a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    // What is not known stays last, whichever way one sorts.
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === "string" || typeof right === "string") {
      return direction * String(left).localeCompare(String(right), "en", { numeric: true });
    }
    return direction * (left - right);
  };
}

/** Array sort is stable: equal rows keep the checkpoint's order. */
const sorted = (rows: TableRow[], compare: Compare): TableRow[] => (compare ? rows.sort(compare) : rows);
