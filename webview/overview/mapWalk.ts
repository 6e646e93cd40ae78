/** The keyboard's walk over the map: rows have gaps and cells of different widths, so that up and down keep the place. */
import type { MapGrid, MapRow } from "./mapGrid";

/** Cell −1 is the row's name, where the row is a layer. */
export interface MapPlace {
  row: number;
  cell: number;
}

const PAGE_ROWS = 10;

const first = (row: MapRow): number => (row.layer === null ? 0 : -1);

/** Where the key leads; null where the map has no use for it. */
export function walk({ rows }: MapGrid, { row, cell }: MapPlace, key: string, withControl: boolean): MapPlace | null {
  const here = rows[row];
  const last = rows.length - 1;
  if (!here) return null;
  const vertical: Record<string, number> = {
    ArrowUp: row - 1,
    ArrowDown: row + 1,
    PageUp: row - PAGE_ROWS,
    PageDown: row + PAGE_ROWS,
    ...(withControl ? { Home: 0, End: last } : {}),
  };
  const to = vertical[key];
  if (to !== undefined) {
    const target = Math.min(Math.max(to, 0), last);
    const next = rows[target];
    return next ? { row: target, cell: cellBelow(here, cell, next) } : null;
  }
  const horizontal: Record<string, number> = {
    ArrowLeft: cell - 1,
    ArrowRight: cell + 1,
    Home: first(here),
    End: here.cells.length - 1,
  };
  const at = horizontal[key];
  return at === undefined ? null : { row, cell: Math.min(Math.max(at, first(here)), here.cells.length - 1) };
}

/** The cell of `next` that is nearest to the middle of where one stands. */
function cellBelow(here: MapRow, cell: number, next: MapRow): number {
  const from = here.cells[cell];
  if (!from) return first(next);
  const middle = from.column + from.span / 2;
  let nearest = 0;
  let least = Infinity;
  next.cells.forEach(({ column, span }, at) => {
    const distance = middle < column ? column - middle : Math.max(0, middle - column - span);
    if (distance < least) [nearest, least] = [at, distance];
  });
  return nearest;
}
