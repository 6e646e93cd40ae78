/** The values of all cells of the map, and the largest among them. */
import type { StatisticsRows } from "../state/shownRows";
import type { Statistic } from "../statistics/statistic";
import type { CellValue } from "./cellValue";
import { cellValue } from "./cellValue";
import type { MapCell, MapGrid } from "./mapGrid";

export interface MapFigures {
  values: ReadonlyMap<MapCell, CellValue>;
  /** Of the whole family, so that models are compared on one scale. */
  largest: number;
  pending: boolean;
}

export function mapFigures(
  grid: MapGrid,
  family: readonly Statistic[],
  chosen: Statistic,
  rows: StatisticsRows,
): MapFigures {
  const values = new Map<MapCell, CellValue>();
  let largest = 0;
  let pending = false;
  for (const { cells } of grid.rows) {
    for (const cell of cells) {
      for (const statistic of family) {
        const value = cellValue(statistic, cell.tensors, rows);
        if (statistic === chosen) values.set(cell, value);
        if (value.kind === "pending") pending = true;
        else largest = Math.max(largest, value.value ?? 0);
      }
    }
  }
  return { values, largest, pending };
}
