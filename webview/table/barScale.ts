/** The scales of the bars in the table. */
import type { Column } from "./columns";
import type { TableRow } from "./rows";

/** Columns that say the same of different models share one scale. */
export const barScale = ({ id }: Column): string => id.split(" ")[0] ?? id;

/** The largest value of each scale: its bar fills the cell. */
export function largestValues(columns: readonly Column[], rows: readonly TableRow[]): Map<string, number> {
  const largest = new Map<string, number>();
  for (const column of columns.filter(({ bar }) => bar === "share")) {
    for (const row of rows) {
      const value = column.value(row);
      const scale = barScale(column);
      if (typeof value === "number" && value > (largest.get(scale) ?? 0)) largest.set(scale, value);
    }
  }
  return largest;
}
