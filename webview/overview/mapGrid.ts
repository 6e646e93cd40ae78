/**
 * The model map's cells: layers × kinds of module, told from the tensors' names. What stands outside any layer has
 * rows of its own, the embeddings above and the rest below, their cells spread over the width of the layers.
 */
import type { ModulePlace } from "../../src/protocol/modulePlace";
import { MODULE_KINDS, modulePlace } from "../../src/protocol/modulePlace";
import type { TensorEntry } from "../state/inspectorState";
import { layerLabels } from "./layerLabels";

export interface MapCell {
  kind: string;
  /** In the checkpoint's order. */
  tensors: readonly TensorEntry[];
  /** First column, from 0, and how many. */
  column: number;
  span: number;
}

export interface MapRow {
  /** Layer such as `model.layers.3`, or null outside any. */
  layer: string | null;
  /** Where no layer: what its tensors are. */
  role: OuterRole | null;
  /** Short name of the layer. */
  label: string;
  /** From left to right; a kind that the layer lacks has none. */
  cells: readonly MapCell[];
}

export interface MapGrid {
  /** Kinds of module. */
  columns: readonly string[];
  /** How many columns there are: where there is no layer, none of them has a kind. */
  width: number;
  rows: readonly MapRow[];
}

export const OTHER = "other";
export type OuterRole = "embed" | "norm" | "head" | "other";

/** More kinds than one can tell apart: the rarest share a column. */
const MAX_COLUMNS = 24;
/** Width of a map without layers. */
const LOOSE_WIDTH = 12;

export function mapGrid(tensors: readonly TensorEntry[]): MapGrid {
  const placed = tensors.map((tensor): Placed => {
    const { layer, kind } = modulePlace(tensor.name);
    return { tensor, layer, kind };
  });
  const inLayers = placed.filter(({ layer }) => layer !== "");
  const columns = kindsOf(inLayers);
  const width = columns.length > 0 ? columns.length : Math.min(LOOSE_WIDTH, Math.max(1, tensors.length));
  const outside = (role: OuterRole): MapRow[] =>
    looseRows(
      role,
      placed.filter(({ layer, kind }) => layer === "" && roleOf(kind) === role),
      width,
    );
  return {
    columns,
    width,
    rows: [
      ...outside("embed"),
      ...layerRows(inLayers, columns),
      ...outside("norm"),
      ...outside("head"),
      ...outside("other"),
    ],
  };
}

type Placed = ModulePlace & { tensor: TensorEntry };

const order = (kind: string): number => {
  // The parts of an adapter stand where the module stands that they adapt.
  const at = MODULE_KINDS.findIndex((known) => kind === known || kind.startsWith(`${known} `));
  return at < 0 ? MODULE_KINDS.indexOf("norm") - 0.5 : at;
};

/** Columns from left to right; unknown kinds stand before the norms, in order of appearance. */
function kindsOf(placed: readonly Placed[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind } of placed) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts.keys()].sort((a, b) => order(a) - order(b));
  if (kinds.length <= MAX_COLUMNS) return kinds;
  const common = [...kinds].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, MAX_COLUMNS - 1);
  return [...kinds.filter((kind) => common.includes(kind)), OTHER];
}

function layerRows(placed: readonly Placed[], columns: readonly string[]): MapRow[] {
  const layers = new Map<string, Map<number, TensorEntry[]>>();
  for (const { tensor, layer, kind } of placed) {
    const cells = layers.get(layer) ?? new Map<number, TensorEntry[]>();
    layers.set(layer, cells);
    const column = columns.includes(kind) ? columns.indexOf(kind) : columns.length - 1;
    const cell = cells.get(column);
    if (cell) cell.push(tensor);
    else cells.set(column, [tensor]);
  }
  const labels = layerLabels([...layers.keys()]);
  return [...layers].map(([layer, cells]) => ({
    layer,
    role: null,
    label: labels.get(layer) ?? layer,
    cells: [...cells]
      .sort(([a], [b]) => a - b)
      .map(([column, tensors]) => ({ kind: columns[column] ?? OTHER, tensors, column, span: 1 })),
  }));
}

const isBias = ({ tensor }: Placed): boolean => /bias$/.test(tensor.name);

/** Biases last, as in the layers, whose columns stand above them. */
function looseRows(role: OuterRole, unordered: readonly Placed[], width: number): MapRow[] {
  const placed = [...unordered].sort((a, b) => Number(isBias(a)) - Number(isBias(b)));
  const rows: MapRow[] = [];
  for (let from = 0; from < placed.length; from += width) {
    const part = placed.slice(from, from + width);
    const edge = (at: number): number => Math.floor((at * width) / part.length);
    rows.push({
      layer: null,
      role,
      label: role,
      cells: part.map(({ tensor, kind }, at) => ({
        kind,
        tensors: [tensor],
        column: edge(at),
        span: edge(at + 1) - edge(at),
      })),
    });
  }
  return rows;
}

/** No object: a kind may be a tensor's own name, such as `constructor`. */
const ROLES: ReadonlyMap<string, OuterRole> = new Map([
  ["embed", "embed"],
  ["position", "embed"],
  ["norm", "norm"],
  ["head", "head"],
]);

const roleOf = (kind: string): OuterRole =>
  ROLES.get(kind.replace(/ (?:A|B|alpha|\(IA\)³|magnitude)$/, "")) ?? (kind.startsWith("conv") ? "embed" : "other");
