/** Profiles along the edges of a picture: for each row, and each column, of what is in view, the mean over it. */
import type { MatrixShape, Tile, TileRequest } from "../../src/protocol/tiles";
import { columnLevelOf, FULL_SHARE, TILE_SIZE } from "../../src/protocol/tiles";
import type { Overlay, Picture } from "./blend";
import { planesOf } from "./blend";
import type { Projection, Size } from "./viewport";
import { visibleRange } from "./viewport";

/** Means along one axis, a value every 2^level rows (or columns); NaN where a tile has not arrived. */
export interface Profile {
  /** First row (or column). */
  start: number;
  /** Rows (or columns) of one value. */
  step: number;
  /** Share of positive entries, or mean τ_m where it is positive. */
  positive: Float64Array;
  /** Likewise of negative ones, not negative itself. */
  negative: Float64Array;
  /** Share that is marked: conflicts, or entries that lost. */
  marked: Float64Array;
}

export interface Profiles {
  rows: Profile;
  columns: Profile;
}

export interface ProfileOptions {
  picture: Picture;
  showConflicts: boolean;
  overlay: Overlay;
}

/** Entries of a rectangle of the matrix: fewer where it ends, and in a last row that is not full. */
export function entriesIn(matrix: MatrixShape, row: number, column: number, high: number, wide = high): number {
  const bottom = Math.min(row + high, matrix.rows);
  const right = Math.min(column + wide, matrix.columns);
  const filled = matrix.elements - (matrix.rows - 1) * matrix.columns;
  const missing = bottom === matrix.rows ? Math.max(0, right - Math.max(column, filled)) : 0;
  return Math.max(0, bottom - row) * Math.max(0, right - column) - missing;
}

/** The exact means over the part of a picture that is in view. `tiles` are those that it shows, all of the same levels. */
export function profilesOf(
  matrix: MatrixShape,
  projection: Projection,
  size: Size,
  tiles: readonly TileRequest[],
  tileAt: (request: TileRequest) => Tile | undefined,
  options: ProfileOptions,
): Profiles | null {
  const [first] = tiles;
  if (!first) return null;
  const [high, wide] = [2 ** first.level, 2 ** columnLevelOf(first)];
  const range = visibleRange(projection, matrix, size);
  const view = {
    top: Math.floor(range.rowStart / high),
    bottom: Math.ceil(range.rowEnd / high),
    left: Math.floor(range.columnStart / wide),
    right: Math.ceil(range.columnEnd / wide),
  };
  const rows = new Sums(view.top, view.bottom, high);
  const columns = new Sums(view.left, view.right, wide);
  for (const request of tiles) {
    const tile = tileAt(request);
    const top = Math.max(view.top, request.row * TILE_SIZE);
    const left = Math.max(view.left, request.column * TILE_SIZE);
    const bottom = Math.min(view.bottom, (request.row + 1) * TILE_SIZE);
    const right = Math.min(view.right, (request.column + 1) * TILE_SIZE);
    if (!tile) {
      rows.miss(top, bottom);
      columns.miss(left, right);
      continue;
    }
    const planes = planesOf(tile, options.picture, options);
    const full = tile.full ?? FULL_SHARE;
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const at = (row - request.row * TILE_SIZE) * tile.width + column - request.column * TILE_SIZE;
        const entries = entriesIn(matrix, row * high, column * wide, high, wide);
        const value = options.picture.kind === "merged" && planes.filter?.[at] !== 0 ? (tile.merged[at] ?? 0) : 0;
        const positive = planes.positive ? (planes.positive[at] ?? 0) / full : Math.max(0, value);
        const negative = planes.negative ? (planes.negative[at] ?? 0) / full : Math.max(0, -value);
        const marked = planes.marked ? (planes.marked[at] ?? 0) / full : 0;
        rows.add(row, entries, positive, negative, marked);
        columns.add(column, entries, positive, negative, marked);
      }
    }
  }
  return { rows: rows.means(), columns: columns.means() };
}

class Sums {
  private readonly entries: Float64Array;
  private readonly positive: Float64Array;
  private readonly negative: Float64Array;
  private readonly marked: Float64Array;

  constructor(
    private readonly begin: number,
    end: number,
    private readonly step: number,
  ) {
    const length = Math.max(0, end - begin);
    this.entries = new Float64Array(length);
    this.positive = new Float64Array(length);
    this.negative = new Float64Array(length);
    this.marked = new Float64Array(length);
  }

  add(place: number, entries: number, positive: number, negative: number, marked: number): void {
    const at = place - this.begin;
    this.entries[at] = (this.entries[at] ?? 0) + entries;
    this.positive[at] = (this.positive[at] ?? 0) + entries * positive;
    this.negative[at] = (this.negative[at] ?? 0) + entries * negative;
    this.marked[at] = (this.marked[at] ?? 0) + entries * marked;
  }

  miss(from: number, to: number): void {
    this.entries.fill(Number.NaN, from - this.begin, to - this.begin);
  }

  means(): Profile {
    const mean = (sums: Float64Array): Float64Array =>
      sums.map((sum, at) => (this.entries[at] === 0 ? 0 : sum / (this.entries[at] ?? Number.NaN)));
    return {
      start: this.begin * this.step,
      step: this.step,
      positive: mean(this.positive),
      negative: mean(this.negative),
      marked: mean(this.marked),
    };
  }
}

/** The largest value of a profile: the end of its axis. */
export function profileEnd({ positive, negative, marked }: Profile, picture: Picture): number {
  let end = 0;
  for (let at = 0; at < positive.length; at++) {
    const [above, below, mark] = [positive[at] ?? 0, negative[at] ?? 0, marked[at] ?? 0];
    const value = picture.kind === "merged" ? Math.max(above, below) : Math.max(above + below, mark);
    if (value > end) end = value;
  }
  return end;
}
