/**
 * What the table's filter says. Words are parts of names; `conflict > 5%`, `lost.code >= 0.1` and the like are
 * conditions on a statistic: of any model where none is named.
 */
import type { ModelChoice } from "../../src/protocol/mergeSet";
import type { Column, TableLine } from "./columns";

export interface Filter {
  /** Whether the line passes. What is not computed yet passes no condition. */
  matches(line: TableLine): boolean;
  /** Statistics that are named and that the table does not know. */
  unknown: string[];
}

const CONDITION =
  /([\p{L}_][\p{L}\d_]*(?:\.[^\s<>=!]+)?)\s*(<=|>=|!=|=|<|>|≤|≥|≠)\s*(-?[\d.]+(?:e[-+]?\d+)?)\s*(%?)/giu;

type Test = (value: number) => boolean;

const COMPARISONS: Readonly<Record<string, (bound: number) => Test>> = {
  "<": (bound) => (value) => value < bound,
  ">": (bound) => (value) => value > bound,
  "<=": (bound) => (value) => value <= bound,
  ">=": (bound) => (value) => value >= bound,
  "=": (bound) => (value) => value === bound,
  "!=": (bound) => (value) => value !== bound,
};
const PLAIN: Readonly<Record<string, string>> = { "≤": "<=", "≥": ">=", "≠": "!=" };

export function parseFilter(text: string, columns: readonly Column[], models: readonly ModelChoice[]): Filter {
  const unknown: string[] = [];
  const conditions = [...text.matchAll(CONDITION)].flatMap(([, key = "", operator = "", digits = "", percent]) => {
    const measured = columnsOf(key, columns, models);
    const bound = Number(digits) / (percent ? 100 : 1);
    const test = COMPARISONS[PLAIN[operator] ?? operator]?.(bound);
    if (measured.length === 0 || !test || Number.isNaN(bound)) {
      unknown.push(key);
      return [];
    }
    return (line: TableLine): boolean =>
      measured.some((column) => {
        const value = column.value(line);
        return typeof value === "number" && test(value);
      });
  });
  const words = text.replace(CONDITION, " ").toLowerCase().split(/\s+/).filter(Boolean);
  return {
    matches: (line) =>
      words.every((word) => line.name.toLowerCase().includes(word)) && conditions.every((holds) => holds(line)),
    unknown,
  };
}

/** `lost` is a family, `lost.code` its column of the model `code`; headings do as well as ids. */
function columnsOf(key: string, columns: readonly Column[], models: readonly ModelChoice[]): Column[] {
  const [family = "", ...rest] = key.toLowerCase().split(".");
  const model = rest.join(".");
  const squeezed = (label: string): string => label.toLowerCase().replace(/\s+/g, "");
  return columns.filter(
    (column) =>
      (column.family.toLowerCase() === family || squeezed(column.label) === family) &&
      (model === "" || column.models.some((index) => models[index]?.name.toLowerCase() === model)),
  );
}
