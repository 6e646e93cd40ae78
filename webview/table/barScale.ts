/** The scales of the bars in the table. */
import type { Column } from "./columns";
import type { TableRow } from "./rows";

/** The largest value of each family: its bar fills the cell. */
export function largestValues(columns: readonly Column[], rows: readonly TableRow[]): Map<string, number> {
  const largest = new Map<string, number>();
  for (const column of columns.filter(({ bar }) => bar === "share")) {
    for (const row of rows) {
      const value = column.value(row);
      if (typeof value === "number" && value > (largest.get(column.family) ?? 0)) largest.set(column.family, value);
    }
  }
  return largest;
}
