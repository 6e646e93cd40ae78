/**
 * Which part of a matrix a picture shows. The viewport says it without pixels (centre and zoom), so that linked
 * pictures of different sizes show the same part; a projection places it on one picture.
 */
import type { MatrixShape } from "../../src/protocol/tiles";

/** CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

export interface Cell {
  row: number;
  column: number;
}

export interface Viewport {
  /** Centre, in parameters; the middle of entry (0, 0) is at 0.5, 0.5. */
  row: number;
  column: number;
  /** 1 shows the whole matrix; 2 shows half of its longer edge. */
  zoom: number;
}

/** CSS pixels per parameter. */
export interface Scales {
  /** Of one column. */
  across: number;
  /** Of one row. */
  down: number;
}

/** Entry (r, c) covers x from left + c·across to left + (c+1)·across, and y likewise with top and down. */
export interface Projection extends Scales {
  left: number;
  top: number;
}

/** Largest edge of a cell, in CSS pixels: enough for its glyph and its value. */
export const MAX_CELL = 72;
/** A matrix fills its picture where its shorter edge would else be shown less than half as large. */
const LEAST_STRETCH = 2;
/** Longest edge of a parameter that is not drawn as a square, in CSS pixels: none that holds a glyph. */
const MAX_STRETCHED = 8;

/** The viewport that shows the whole matrix. */
export function fitViewport(matrix: MatrixShape): Viewport {
  return { row: matrix.rows / 2, column: matrix.columns / 2, zoom: 1 };
}

/** CSS pixels per parameter when the whole matrix is shown, its parameters squares. */
function fitScale(matrix: MatrixShape, size: Size): number {
  const scale = Math.min(size.width / Math.max(1, matrix.columns), size.height / Math.max(1, matrix.rows));
  return Math.min(scale, MAX_CELL);
}

/**
 * At a zoom. A matrix much longer than its picture fills it: zooming in enlarges the longer edge alone, until its
 * parameters are squares.
 */
function scalesAt(zoom: number, matrix: MatrixShape, size: Size): Scales {
  const fit = fitScale(matrix, size);
  const scale = fit * zoom;
  const along = (edge: number, parameters: number): number => {
    const filled = Math.min(edge / Math.max(1, parameters), MAX_STRETCHED);
    return filled < LEAST_STRETCH * fit ? scale : Math.max(scale, filled);
  };
  return { across: along(size.width, matrix.columns), down: along(size.height, matrix.rows) };
}

/** Whether a matrix fills its picture when the whole of it is shown, its parameters no squares. */
export function isStretched(matrix: MatrixShape, size: Size): boolean {
  const { across, down } = scalesAt(1, matrix, size);
  return across !== down;
}

/** Parameters are squares as large as this, or rectangles whose shorter edge it is. */
export const cellSize = ({ across, down }: Scales): number => Math.min(across, down);

export function maxZoom(matrix: MatrixShape, size: Size): number {
  const scale = fitScale(matrix, size);
  return scale > 0 ? Math.max(1, MAX_CELL / scale) : 1;
}

export function project(viewport: Viewport, matrix: MatrixShape, size: Size): Projection {
  const { across, down } = scalesAt(viewport.zoom, matrix, size);
  return {
    across,
    down,
    left: size.width / 2 - viewport.column * across,
    top: size.height / 2 - viewport.row * down,
  };
}

/** The nearest viewport within the zoom limits that leaves no avoidable margin beside the matrix. */
export function clampViewport(viewport: Viewport, matrix: MatrixShape, size: Size): Viewport {
  const zoom = Math.min(Math.max(viewport.zoom, 1), maxZoom(matrix, size));
  const { across, down } = scalesAt(zoom, matrix, size);
  return {
    zoom,
    row: clampCentre(viewport.row, matrix.rows, size.height / down),
    column: clampCentre(viewport.column, matrix.columns, size.width / across),
  };
}

function clampCentre(centre: number, extent: number, visible: number): number {
  if (!(visible < extent)) return extent / 2;
  return Math.min(Math.max(centre, visible / 2), extent - visible / 2);
}

/** Zooms by `factor`, keeping the parameter under (x, y) where it is. */
export function zoomAt(
  viewport: Viewport,
  matrix: MatrixShape,
  size: Size,
  x: number,
  y: number,
  factor: number,
): Viewport {
  const before = project(viewport, matrix, size);
  const zoom = Math.min(Math.max(viewport.zoom * factor, 1), maxZoom(matrix, size));
  const { across, down } = scalesAt(zoom, matrix, size);
  const column = (x - before.left) / before.across;
  const row = (y - before.top) / before.down;
  return clampViewport(
    { zoom, column: column - (x - size.width / 2) / across, row: row - (y - size.height / 2) / down },
    matrix,
    size,
  );
}

/** Moves the picture's content by (dx, dy) CSS pixels. */
export function panBy(viewport: Viewport, matrix: MatrixShape, size: Size, dx: number, dy: number): Viewport {
  const { across, down } = project(viewport, matrix, size);
  return clampViewport(
    { ...viewport, column: viewport.column - dx / across, row: viewport.row - dy / down },
    matrix,
    size,
  );
}

/** The least pan that shows `cell` with a margin around it. */
export function reveal(viewport: Viewport, matrix: MatrixShape, size: Size, cell: Cell): Viewport {
  const { across, down } = project(viewport, matrix, size);
  const toward = (centre: number, position: number, visible: number, scale: number): number => {
    const reach = Math.max(0, visible / 2 - Math.min(visible / 4, 24 / scale) - 0.5);
    return Math.min(Math.max(centre, position - reach), position + reach);
  };
  return clampViewport(
    {
      zoom: viewport.zoom,
      row: toward(viewport.row, cell.row + 0.5, size.height / down, down),
      column: toward(viewport.column, cell.column + 0.5, size.width / across, across),
    },
    matrix,
    size,
  );
}

/** The entry at a point, or null outside the matrix (and in the unfilled end of a wrapped vector). */
export function cellAt(projection: Projection, matrix: MatrixShape, x: number, y: number): Cell | null {
  const cell = {
    row: Math.floor((y - projection.top) / projection.down),
    column: Math.floor((x - projection.left) / projection.across),
  };
  return isInside(matrix, cell) ? cell : null;
}

export function isInside(matrix: MatrixShape, { row, column }: Cell): boolean {
  if (row < 0 || column < 0 || row >= matrix.rows || column >= matrix.columns) return false;
  return row * matrix.columns + column < matrix.elements;
}

/** `cell` moved by whole entries and kept inside the matrix. */
export function stepCell(matrix: MatrixShape, cell: Cell, rows: number, columns: number): Cell {
  const row = Math.min(Math.max(cell.row + rows, 0), Math.max(0, matrix.rows - 1));
  const filled = Math.min(matrix.columns, matrix.elements - row * matrix.columns);
  return { row, column: Math.min(Math.max(cell.column + columns, 0), Math.max(0, filled - 1)) };
}

/** Rows and columns that a projection shows, end exclusive. */
export function visibleRange(
  projection: Projection,
  matrix: MatrixShape,
  size: Size,
): { rowStart: number; rowEnd: number; columnStart: number; columnEnd: number } {
  const { across, down, left, top } = projection;
  return {
    rowStart: Math.max(0, Math.floor(-top / down)),
    rowEnd: Math.min(matrix.rows, Math.ceil((size.height - top) / down)),
    columnStart: Math.max(0, Math.floor(-left / across)),
    columnEnd: Math.min(matrix.columns, Math.ceil((size.width - left) / across)),
  };
}
