/** One parameter taken out of a block of them. */
import type { ParameterBlock, ParameterRequest } from "../../src/protocol/tiles";
import type { Cell } from "./viewport";

/** Edge of the blocks that are asked for, aligned so that neighbours share them. */
const BLOCK_EDGE = 32;

export interface ParameterValues extends Cell {
  base: number;
  /** `keptValue` is τ̂: 0 where it is not kept. */
  models: {
    taskVector: number;
    kept: boolean;
    keptValue: number;
    lost: boolean;
    threshold: number;
    ceiling: number;
    weight: number;
    density: number;
  }[];
  /** γ: 1, −1, or 0 where nobody keeps the entry. */
  elected: number;
  merged: number;
  result: number;
  /** λ and `normalize` as they hold for this tensor, and the dtype of θ. */
  lambda: number;
  normalize: boolean;
  outDtype: string;
  /** Thresholds, or the sign of what cancels, are those of a sample. */
  estimated: boolean;
}

/** The aligned block that holds `cell`, cut at the matrix's edge. */
export function blockOf(tensor: string, matrix: { rows: number; columns: number }, cell: Cell): ParameterRequest {
  const row = Math.floor(cell.row / BLOCK_EDGE) * BLOCK_EDGE;
  const column = Math.floor(cell.column / BLOCK_EDGE) * BLOCK_EDGE;
  return {
    tensor,
    row,
    column,
    rows: Math.min(BLOCK_EDGE, matrix.rows - row),
    columns: Math.min(BLOCK_EDGE, matrix.columns - column),
  };
}

/** The aligned blocks of a range of rows and columns, ends exclusive. */
export function blocksIn(
  tensor: string,
  matrix: { rows: number; columns: number },
  range: { rowStart: number; rowEnd: number; columnStart: number; columnEnd: number },
): ParameterRequest[] {
  const blocks: ParameterRequest[] = [];
  const first = (start: number): number => Math.floor(start / BLOCK_EDGE) * BLOCK_EDGE;
  for (let row = first(range.rowStart); row < range.rowEnd; row += BLOCK_EDGE) {
    for (let column = first(range.columnStart); column < range.columnEnd; column += BLOCK_EDGE) {
      blocks.push(blockOf(tensor, matrix, { row, column }));
    }
  }
  return blocks;
}

export const blockKey = ({ tensor, row, column }: ParameterRequest): string => `${row}/${column}/${tensor}`;

/** The values of `cell`, or null where the block does not hold it. */
export function parameterAt(block: ParameterBlock, cell: Cell): ParameterValues | null {
  const row = cell.row - block.row;
  const column = cell.column - block.column;
  if (row < 0 || column < 0 || row >= block.rows || column >= block.columns) return null;
  const at = row * block.columns + column;
  const plane = block.rows * block.columns;
  const models = Array.from({ length: block.models }, (_, model) => {
    const taskVector = block.taskVectors[model * plane + at] ?? Number.NaN;
    const kept = block.kept[model * plane + at] === 1;
    return {
      taskVector,
      kept,
      keptValue: kept ? taskVector / (block.divisors[model * plane + at] ?? Number.NaN) : 0,
      lost: block.lost[model * plane + at] === 1,
      threshold: block.thresholds[model] ?? Number.NaN,
      ceiling: block.ceilings[model] ?? Number.NaN,
      weight: block.weights[model] ?? Number.NaN,
      density: block.densities[model] ?? Number.NaN,
    };
  });
  return {
    ...cell,
    base: block.base[at] ?? Number.NaN,
    models,
    elected: block.elected[at] ?? 0,
    merged: block.merged[at] ?? Number.NaN,
    result: block.result[at] ?? Number.NaN,
    lambda: block.lambda,
    normalize: block.normalize,
    outDtype: block.outDtype,
    estimated: block.estimated === true,
  };
}

/** Kept entries by sign. */
export function votes(values: ParameterValues): { positive: number; negative: number } {
  const kept = values.models.filter((model) => model.kept);
  return {
    positive: kept.filter(({ taskVector }) => taskVector > 0).length,
    negative: kept.filter(({ taskVector }) => taskVector < 0).length,
  };
}
