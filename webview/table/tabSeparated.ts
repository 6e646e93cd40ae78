/** The shown part of the table as tab-separated values: full precision, plain numbers, as a spreadsheet reads them. */
import type { ModelChoice } from "../../src/protocol/mergeSet";
import type { Column, TableLine } from "./columns";

export function tabSeparated(
  columns: readonly Column[],
  lines: readonly TableLine[],
  models: readonly ModelChoice[],
): string {
  const heading = ({ family, models: of }: Column): string =>
    [family, ...of.map((index) => models[index]?.name ?? String(index))].join(".");
  const cell = (column: Column, line: TableLine): string => {
    const value = column.value(line);
    return value === null ? "" : String(value);
  };
  const rows = [columns.map(heading), ...lines.map((line) => columns.map((column) => cell(column, line)))];
  return rows.map((row) => row.map(inOneCell).join("\t")).join("\n") + "\n";
}

/** A name may hold what separates cells. */
const inOneCell = (text: string): string => text.replace(/[\t\r\n]+/g, " ");
