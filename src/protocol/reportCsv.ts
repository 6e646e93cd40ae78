/** The interference report as CSV (RFC 4180): one row a tensor. The columns are described in `inspect --help`. */
import type { InterferenceReport, TensorStatistics } from "./report";

type Cell = string | number | null;
type Column = readonly [name: string, value: (tensor: TensorStatistics) => Cell | undefined];

const TENSOR_COLUMNS: readonly Column[] = [
  ["name", (tensor) => tensor.name],
  ["shape", (tensor) => tensor.shape.join("x")],
  ["dtype", (tensor) => tensor.dtype],
  ["elements", (tensor) => tensor.elements],
  ["conflict", (tensor) => tensor.conflict],
  ["conflictBefore", (tensor) => tensor.conflictBefore],
  ["agreement", (tensor) => tensor.agreement],
  ["electedPositive", (tensor) => tensor.elected.positive],
  ["electedNegative", (tensor) => tensor.elected.negative],
  ["cancelled", (tensor) => tensor.elected.cancelled],
  ["mergedNorm", (tensor) => tensor.mergedNorm],
  ["meanNorm", (tensor) => tensor.meanNorm],
  ["nonFinite", (tensor) => tensor.nonFinite],
];

/** Known without looking at entries. */
const FACTS: ReadonlySet<string> = new Set(["name", "shape", "dtype", "elements"]);

const MODEL_FIGURES = [
  "density",
  "kept",
  "positive",
  "negative",
  "threshold",
  "norm",
  "keptNorm",
  "lost",
  "lostMass",
] as const;

const PAIR_FIGURES = ["cosine", "bothKept", "disagree"] as const;

export function reportCsv(report: InterferenceReport): string {
  const columns = [
    ...TENSOR_COLUMNS,
    ...overlapColumns(report.models.length),
    ...report.models.flatMap(({ name }, t) => modelColumns(name, t)),
    ...pairColumns(report.models.map(({ name }) => name)),
  ];
  // Of an estimate, the margins behind the figures that have one.
  const margins = report.sample ? columns.filter((column) => !FACTS.has(column[0])) : [];
  const rows = report.tensors.map((tensor) => [
    ...columns.map(([, value]) => value(tensor) ?? null),
    ...margins.map(([, value]) => (tensor.margins && value({ ...tensor, ...tensor.margins })) ?? null),
  ]);
  const names = [...columns.map(([name]) => name), ...margins.map(([name]) => `margin:${name}`)];
  return [names, ...rows].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

const overlapColumns = (models: number): Column[] =>
  Array.from({ length: models + 1 }, (_, count): Column => [`overlap:${count}`, (tensor) => tensor.overlap[count]]);

const modelColumns = (name: string, t: number): Column[] =>
  MODEL_FIGURES.map((figure): Column => [`${figure}:${name}`, (tensor) => tensor.models[t]?.[figure]]);

const pairColumns = (names: readonly string[]): Column[] =>
  names.flatMap((first, i) =>
    names.slice(i + 1).flatMap((second, offset) =>
      PAIR_FIGURES.map((figure): Column => {
        const j = i + 1 + offset;
        const value: Column[1] = (tensor) => tensor.pairs.find((pair) => pair.i === i && pair.j === j)?.[figure];
        return [`${figure}:${first}:${second}`, value];
      }),
    ),
  );

function csvCell(cell: Cell): string {
  if (cell === null || (typeof cell === "number" && !Number.isFinite(cell))) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
